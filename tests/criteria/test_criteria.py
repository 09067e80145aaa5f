import numpy as np
import pytest

from alcli.commands.proceed import proceed
from alcli.core.errors import InputError, UsageError
from alcli.criteria import Verdict, criteria


def curve(*scores, metric="macro_f1"):
    return [
        {"key": str(i), "labels": 100 * i, "metrics": {metric: score, "other": 0.5}}
        for i, score in enumerate(scores, 1)
    ]


@pytest.mark.parametrize("name", criteria.names())
def test_every_criterion_gives_a_verdict_on_short_and_long_curves(name):
    for scores in ([0.5], [0.5, 0.6], np.linspace(0.5, 0.9, 30).tolist()):
        verdict = criteria.get(name)(curve(*scores))

        assert isinstance(verdict, Verdict)
        assert isinstance(verdict.stop, bool)


@pytest.mark.parametrize("name", criteria.names())
def test_every_criterion_answers_the_same_twice(name):
    rounds = curve(0.5, 0.7, 0.7, 0.71, 0.7)

    assert criteria.get(name)(rounds) == criteria.get(name)(rounds)


def test_plateau_stops_when_the_last_rounds_gained_too_little():
    plateau = criteria.get("plateau")

    assert plateau(curve(0.5, 0.7, 0.8, 0.8, 0.804, 0.803)).stop
    assert not plateau(curve(0.5, 0.7, 0.8, 0.8, 0.81, 0.803)).stop
    assert plateau(curve(0.9, 0.5, 0.5, 0.5)).value == pytest.approx(-0.4)


def test_plateau_waits_for_enough_rounds():
    assert criteria.get("plateau")(curve(0.5, 0.5, 0.5)) == Verdict(False, None, 0.005)
    assert criteria.get("plateau")(curve(0.5, 0.5, 0.5, 0.5)).stop


def test_plateau_names_the_metrics_there_are():
    with pytest.raises(InputError, match="macro_f1, other"):
        criteria.get("plateau")(curve(0.5), metric="f2")


def test_budgets():
    assert criteria.get("labels")(curve(0.1, 0.2), most=200).stop
    assert not criteria.get("labels")(curve(0.1, 0.2), most=201).stop
    assert criteria.get("rounds")(curve(0.1, 0.2), most=2).stop
    assert not criteria.get("rounds")(curve(0.1, 0.2), most=3).stop


def test_the_first_parameter_is_what_the_name_is_set_to():
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
        ('{"key":"a","metrics":{}}\n', "labels=5", 3, 'whole number of "labels"'),
        ('{"id":"a"}\n', "labels=5", 3, 'no "metrics"'),
        ("", "no-such", 2, "plateau, rounds"),
        (None, "labels=5", 3, "cannot read"),
    ],
)
def test_the_status_is_the_answer(alcli, tmp_path, content, until, status, said):
    if content is not None:
        (tmp_path / "c").write_text(content)
    done = alcli("proceed", "c", "--until", until, cwd=tmp_path)

    assert done.returncode == status
    assert said in done.stderr.decode()
    assert done.stdout == b""


def test_any_of_several_criteria_ends_it(alcli, tmp_path):
    (tmp_path / "c").write_text('{"key":"a","labels":5,"metrics":{}}\n')

    for first, second in (("labels=5", "rounds=9"), ("rounds=9", "labels=5")):
        done = alcli("proceed", "c", "--until", first, "--until", second, cwd=tmp_path)
        assert done.returncode == 1
