"""`alcli proceed` on the command line: messages and exit status."""

import json

import pytest

from tests.evaluation.criteria.made import made

UNSURE = "labels=100000"  # never so here
SURE = "labels=1"


@pytest.fixture
def curve(tmp_path):
    """Return a function that writes a curve file of random, changed rounds."""

    def write(change=lambda rounds: None):
        rounds = made(1).curve
        change(rounds)
        text = "".join(json.dumps(record) + "\n" for record in rounds)
        (tmp_path / "c").write_text(text)

    return write


def asking(alcli, folder, *until, more=()):
    named = [word for text in until for word in ("--until", text)]
    done = alcli("proceed", "c", *named, *more, cwd=folder)
    assert done.stdout == b""
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize(
    ("until", "any_of", "all_of"),
    [
        ([SURE], 1, 1),
        ([UNSURE], 0, 0),
        ([SURE, UNSURE], 1, 0),
        ([UNSURE, SURE], 1, 0),
        ([SURE, "rounds=14"], 1, 1),
        ([SURE, "plateau=20"], 1, 0),  # too early to say
    ],
)
def test_one_criterion_stops_the_loop_or_all_with_all(
    alcli, tmp_path, curve, until, any_of, all_of
):
    curve()

    assert asking(alcli, tmp_path, *until)[0] == any_of
    assert asking(alcli, tmp_path, *until, more=["--all"])[0] == all_of


@pytest.mark.parametrize("content", ["", "\n", '{"torn'])
def test_an_empty_curve_goes_on_with_all_too(alcli, tmp_path, content):
    (tmp_path / "c").write_text(content)
    status, said = asking(alcli, tmp_path, SURE, "delta-f", more=["--all"])

    assert status == 0
    assert "go on: no round so far" in said


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("epochs", 0, "was not trained: only budgets can say enough"),
        ("confusion", {"matrix": [[0, 4], [0, 9]]}, "one class only on the test set"),
        ("stop_set", {"pred": "AAAAAAAAAAAA"}, "one class only on the stop set"),
    ],
)
def test_the_missing_sign_of_the_last_model_is_logged(
    alcli, tmp_path, curve, part, value, said
):
    def lacking(rounds):
        old = rounds[-1].get(part)
        rounds[-1][part] = {**old, **value} if old else value

    curve(lacking)
    status, messages = asking(alcli, tmp_path, "delta-f=0.99,window=1", UNSURE)
    assert status == 0
    assert "the model of the last round" in messages
    assert said in messages


def test_values_and_thresholds_of_all_criteria_are_logged(alcli, tmp_path, curve):
    curve()
    status, said = asking(alcli, tmp_path, SURE, "rounds=20", "plateau=20")

    assert status == 1
    assert said.splitlines() == [
        "alcli proceed: enough: labels=1 (140, threshold 1)",
        "alcli proceed: go on: rounds=20 (14, threshold 20)",
        "alcli proceed: go on: plateau=20 (too early to say, threshold 0.005)",
    ]


@pytest.mark.parametrize("more", [[], ["--all"]])
@pytest.mark.parametrize("first", [True, False])
def test_an_error_has_status_3_and_never_1(alcli, tmp_path, curve, more, first):
    curve(lambda rounds: rounds[5].pop("stop_set"))
    until = (SURE, "stabilising-predictions") if first else ("delta-f", SURE)
    status, said = asking(alcli, tmp_path, *until, more=more)

    assert status == 3
    assert "enough" not in said
    assert 'c: round 6 (60 labels) has no "stop_set"; `alcli evaluate --stop' in said


def test_another_stop_set_in_the_middle_names_the_rounds(alcli, tmp_path, curve):
    curve(lambda rounds: rounds[7]["stop_set"].update(ids="other"))
    status, said = asking(alcli, tmp_path, SURE, "confidence-variance")

    assert status == 3
    assert (
        "c: round 8 (80 labels) has another stop set than round 7 (70 labels)" in said
    )


def test_a_torn_last_line_is_not_a_round(alcli, tmp_path, curve):
    curve()
    whole = (tmp_path / "c").read_text()
    (tmp_path / "c").write_text(whole[:-30])
    status, said = asking(alcli, tmp_path, "stabilising-predictions", "rounds=13")

    assert status == 1
    assert "skipped a torn last line" in said
    assert "enough: rounds=13 (13," in said
