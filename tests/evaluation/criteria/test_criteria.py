import numpy as np
import pytest

from alcli.core.errors import InputError, UsageError
from alcli.evaluation.criteria import criteria
from alcli.evaluation.criterion import Verdict, after_turn, load_criterion
from alcli.evaluation.curve.writing import stop_part
from alcli.evaluation.proceed import proceed
from tests.evaluation.criteria.made import made


def curve(*scores, metric="macro_f1"):
    return [
        {"key": str(i), "labels": 100 * i, "metrics": {metric: score, "other": 0.5}}
        for i, score in enumerate(scores, 1)
    ]


def test_plateau_stops_when_the_last_rounds_gained_too_little():
    plateau = load_criterion("plateau")

    assert plateau(curve(0.5, 0.7, 0.8, 0.8, 0.804, 0.803)).stop
    assert not plateau(curve(0.5, 0.7, 0.8, 0.8, 0.81, 0.803)).stop
    assert plateau(curve(0.9, 0.5, 0.5, 0.5)).value == pytest.approx(-0.4)


@pytest.mark.parametrize(
    "pair", [(0.7, 0.705), (0.295, 0.3), (0.1, 0.105), (0.805, 0.81)]
)
def test_a_gain_of_exactly_epsilon_is_a_plateau(pair):
    assert load_criterion("plateau")(curve(*pair, pair[1], pair[1])).stop


@pytest.mark.parametrize("pair", [(0.8, 0.79), (0.91, 0.9), (0.29, 0.28), (0.58, 0.57)])
def test_a_drop_of_exactly_epsilon_does_not_stop(pair):
    assert not load_criterion("performance-drop")(curve(*pair, pair[1], pair[1])).stop


def test_plateau_waits_for_enough_rounds():
    assert load_criterion("plateau")(curve(0.5, 0.5, 0.5)) == Verdict(
        False, None, 0.005
    )
    assert load_criterion("plateau")(curve(0.5, 0.5, 0.5, 0.5)).stop


def test_an_unknown_metric_is_an_error_that_lists_the_known_ones():
    with pytest.raises(InputError, match="macro_f1, other"):
        load_criterion("plateau")(curve(0.5), metric="f2")


def test_budgets_stop_when_they_are_reached():
    assert load_criterion("labels")(curve(0.1, 0.2), most=200).stop
    assert not load_criterion("labels")(curve(0.1, 0.2), most=201).stop
    assert load_criterion("rounds")(curve(0.1, 0.2), most=2).stop
    assert not load_criterion("rounds")(curve(0.1, 0.2), most=3).stop


def test_the_value_of_a_name_is_its_first_parameter():
    found = proceed(curve(0.1, 0.2), ["labels=150", "plateau=1,metric=other"])

    assert found["labels=150"].stop
    assert found["plateau=1,metric=other"] == Verdict(True, 0.0, 0.005)


def test_the_last_record_of_a_key_counts_in_the_place_of_the_first():
    first, second = curve(0.1, 0.2)
    again = {**first, "metrics": {"macro_f1": 0.9}}

    assert proceed([first, second, again], ["rounds=3"])["rounds=3"].value == 2
    assert proceed([first, again, second], ["plateau=1"])["plateau=1"].value < 0


@pytest.mark.parametrize("text", ["plateau,patience=x", "labels=many", "plateau,x=1"])
def test_wrong_parameters_are_usage_errors(text):
    with pytest.raises(UsageError):
        proceed(curve(0.1), [text])


@pytest.mark.parametrize(
    ("content", "until", "status", "said"),
    [
        ("", "labels=5", 0, "go on: no round so far"),
        ('{"key":"a","labels":5,"metrics":{}}\n', "labels=5", 1, "enough: labels=5"),
        ('{"key":"a","labels":4,"metrics":{}}\n', "labels=5", 0, "go on: labels=5"),
        (
            '{"key":"a","labels":4,"metrics":{}}\n{"torn',
            "labels=5",
            0,
            "torn last line",
        ),
        ('{"key":"a","metrics":{}}\n', "labels=5", 3, 'c:1: no "labels" field'),
        ('{"id":"a"}\n', "labels=5", 3, 'c:1: no "metrics" field; run `alcli evaluate'),
        ("", "no-such", 2, "plateau, rounds, score-variance"),
        (None, "labels=5", 3, "cannot read"),
    ],
)
def test_the_exit_status_is_the_verdict(alcli, tmp_path, content, until, status, said):
    if content is not None:
        (tmp_path / "c").write_text(content)
    done = alcli("proceed", "c", "--until", until, cwd=tmp_path)

    assert done.returncode == status
    assert said in done.stderr.decode()
    assert done.stdout == b""


def test_one_of_several_criteria_stops_the_loop(alcli, tmp_path):
    (tmp_path / "c").write_text('{"key":"a","labels":5,"metrics":{}}\n')

    for first, second in (("labels=5", "rounds=9"), ("rounds=9", "labels=5")):
        done = alcli("proceed", "c", "--until", first, "--until", second, cwd=tmp_path)
        assert done.returncode == 1


def test_a_falling_loss_is_no_plateau():
    plateau = load_criterion("plateau")

    falls = curve(0.9, 0.8, 0.7, 0.6, metric="log_loss")
    rises = curve(0.6, 0.7, 0.7, 0.7, metric="log_loss")

    assert not plateau(falls, metric="log_loss").stop
    assert plateau(rises, metric="log_loss").stop


@pytest.mark.parametrize(
    ("name", "values", "row"),
    [
        ("falls from the first", [5, 4, 3, 2, 1], 0),
        ("rises, then falls", [1, 2, 1.5, 1.2, 1], 3),
        ("a plateau, then falls", [2, 2, 1.5, 1.2, 1], 0),
        ("a rest on the way down", [1, 3, 2, 2, 1], 1),
        ("falls, rises, falls", [3, 2, 5, 4, 3], 2),
        ("rises last", [1, 3, 2, 1, 2], 0),
    ],
)
def test_a_turn_needs_a_step_the_other_way_before(name, values, row):
    falling = after_turn(values, 3, rising=False)
    mirrored = after_turn([-value for value in values], 3, rising=True)

    assert falling == mirrored == Verdict(row >= 3, row, 3)


def test_a_turn_needs_more_steps_than_the_patience():
    assert after_turn([1, 2, 1, 0], 3, rising=False) == Verdict(False, None, 3)
    assert after_turn([1, 2, 1], 1, rising=False) == Verdict(True, 1, 1)


def predicted(*rounds_, classes=("a", "b", "c")):
    """Make a curve from the predictions for the stop set, one string per round."""
    return [
        {
            "labels": 10 * number,
            "confusion": {"labels": list(classes)},
            "stop_set": stop_part(
                [str(i) for i in range(len(text))],
                np.eye(len(classes), dtype=np.float32)[list(map(classes.index, text))],
            ),
        }
        for number, text in enumerate(rounds_, 1)
    ]


def test_kappa_of_a_single_class_is_one_where_predictions_are_identical():
    stabilising = criteria.get("stabilising-predictions")  # with no model waited for

    assert stabilising(predicted("aaaa", "aaaa"), window=1).value == 1
    assert stabilising(predicted("aaaa", "bbbb"), window=1).value == 0
    assert stabilising(predicted("aaaa", "aaab"), window=1).value == 0
    assert stabilising(predicted("aabb", "aabb"), window=1).value == 1
    assert stabilising(predicted("aabb", "bbaa"), window=1).value == -1


def test_the_change_of_f_is_that_of_the_paper_for_its_positive_class():
    delta_f = load_criterion("delta-f")
    two = predicted("aabbb", "aaabb")  # of a: in both 2, in one 0 + 1

    assert delta_f(two, window=1, label="a").value == pytest.approx(1 - 4 / 5)
    assert delta_f(two, window=1, label="b").value == pytest.approx(1 - 4 / 5)
    assert delta_f(two, window=1, label="c").value == 0
    assert delta_f(two, window=1).value == pytest.approx(1 / 5)  # c is in neither


def test_the_mean_of_kappa_is_over_the_window_and_each_change_counts_alone():
    rounds_ = predicted("aabb", "abab", "abab", "abab")

    assert load_criterion("stabilising-predictions")(rounds_, window=3).value == (
        pytest.approx(2 / 3)
    )
    assert load_criterion("stabilising-predictions")(rounds_, window=2).stop
    assert load_criterion("classification-change")(rounds_, window=3).value == 0.5
    assert load_criterion("classification-change")(rounds_, window=2).stop


def asked_for(*batches):
    return [
        {"batch": {"asked": 10, "labelled": labelled}, "confusion": {"labels": ["x"]}}
        for labelled in batches
    ]


def test_no_new_find_counts_answers_after_the_last_find():
    no_new_find = load_criterion("no-new-find")
    rounds_ = asked_for({"rare": 1, "dull": 9}, {"dull": 10}, {}, {"dull": 4})

    assert no_new_find(rounds_) == Verdict(False, 14, 50)  # nobody answered the third
    assert no_new_find(rounds_, n=14).stop
    assert no_new_find(rounds_, label="dull").value == 0
    assert no_new_find(rounds_, label="x").value == 24  # never found
    with pytest.raises(InputError, match='no class "rear", but: dull, rare, x'):
        no_new_find(rounds_, label="rear")


def test_unknown_classes_and_steps_are_errors_that_list_the_known_ones():
    with pytest.raises(InputError, match='no class "d", but: a, b, c'):
        load_criterion("delta-f")(predicted("ab"), label="d")
    with pytest.raises(InputError, match='no seconds of "sleep", but: train'):
        load_criterion("seconds")([{"seconds": {"train": 1.0}}], step="sleep")


@pytest.mark.parametrize(
    ("name", "parameter", "stops"),
    [
        ("stabilising-predictions", "threshold", True),
        ("delta-f", "threshold", False),
        ("classification-change", "threshold", True),
        ("overall-uncertainty", "threshold", False),
        ("max-uncertainty", "threshold", False),
        ("expected-error", "threshold", False),
        ("selected-accuracy", "threshold", True),
        ("plateau", "epsilon", True),
        ("performance-drop", "epsilon", False),
        ("seconds", "most", True),
        ("labels", "most", True),
        ("rounds", "most", True),
        ("no-new-find", "n", True),
    ],
)
def test_a_value_equal_to_the_threshold_stops_by_definition(name, parameter, stops):
    criterion, seen = load_criterion(name), 0
    for seed in range(10):
        rounds_ = made(seed).curve
        value = criterion(rounds_).value
        if value is not None and (value > 0 or name == "plateau"):
            verdict = criterion(rounds_, **{parameter: value})
            assert verdict == Verdict(stops, value, value)
            for nudge in (-1e-12, 1e-12) if isinstance(value, float) else ():
                near = {parameter: min(value + nudge, 1.0)}
                assert parameter == "most" or criterion(rounds_, **near).stop == stops
            seen += 1

    assert seen
