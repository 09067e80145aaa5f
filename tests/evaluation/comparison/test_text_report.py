import pytest

from alcli.evaluation.comparison.summary import summarise
from alcli.evaluation.comparison.text_report import sentences, table, titles, warnings
from tests.evaluation.comparison.simulated import baseline, ledger, run


def against(**more):
    return {
        "seeds": 10,
        "area": 0.031,
        "interval": [0.024, 0.039],
        "p": 0.00195,
        "p_holm": 0.0078,
        "verdict": "better",
        "deficiency": None,
        "saving": {
            "score": 0.8,
            "labels": 1200,
            "other_labels": 2000,
            "share": 0.4,
            "interval": [0.31, 0.48],
        },
    } | more


def said(beside):
    group = {"baselines": {"own": None, "logreg": None, "strong": None, "paper": None}}
    group["against"] = "random"
    group["strategies"] = [{"strategy": "margin", "against": beside}]
    (text,) = sentences(group)
    return text


def test_a_better_strategy():
    assert said(against()) == (
        "margin: better than random by 0.031 of area (95 % 0.024 to 0.039, p = 0.0078 "
        "after Holm, 10 seeds); reaches random's last score with 1,200 labels instead "
        "of 2,000 (saves 40 %, 31 to 48 %)."
    )


def test_a_worse_strategy_that_never_reaches_the_score():
    saving = {"score": 0.8, "labels": None, "other_labels": 2000, "share": None}
    saving["interval"] = [None, None]
    worse = {"area": -0.03, "interval": [-0.04, -0.01], "verdict": "worse"}

    assert said(against(**worse, saving=saving)) == (
        "margin: worse than random by 0.030 of area (95 % 0.010 to 0.040, p = 0.0078 "
        "after Holm, 10 seeds); does not reach random's last score, 0.800, for good."
    )


@pytest.mark.parametrize(
    "verdict", ["no difference found", "too few seeds for a verdict"]
)
def test_no_verdict(verdict):
    more = {"area": -0.0001, "interval": [-0.02, 0.01], "p_holm": 0.25, "seeds": 1}

    assert said(against(verdict=verdict, **more)).startswith(
        f"margin: {verdict}: 0.000 of area beside random (95 % -0.020 to 0.010, "
        "p = 0.25 after Holm, 1 seed); reaches"
    )


def test_an_interval_of_saving_that_is_open_below():
    saving = against()["saving"] | {"interval": [None, 0.48]}

    assert "(saves 40 %, at most 48 %, in some resamples it never gets there)" in said(
        against(saving=saving)
    )


def test_as_many_labels_as_random():
    saving = against()["saving"] | {"labels": 2000, "share": 0, "interval": [-0.1, 0.1]}

    assert "with 2,000 labels, as random does (saves 0 %, -10 to 10 %)" in said(
        against(saving=saving)
    )


def test_baselines_come_first():
    records = ledger({"random": 3, "margin": 6}, 2)
    records += [baseline("paper", "cnn", s, 0.8 + s / 50) for s in range(2)]
    records += [baseline("strong", "logreg", 0, 0.83, labels=400)]
    (group,) = summarise(records)["groups"]

    assert sentences(group)[:2] == [
        "paper baseline: 0.810 ± 0.014 by cnn with 5,000 labels, 2 seeds.",
        "strong baseline: 0.830 by logreg with 400 labels, 1 seed.",
    ]
    assert len(sentences(group)) == 3
    records += [baseline("strong", "cnn", 0, 0.9)]
    (group,) = summarise(records)["groups"]
    assert "logreg baseline: 0.830 by logreg" in sentences(group)[2]


def test_a_table_has_a_row_for_each_strategy():
    records = [
        *run("margin", 1, [0.5, 0.8, 0.8, 0.8]),
        *run("random", 1, [0.5, 0.5, 0.6, 0.7], seconds=[("train", 1.25)]),
        baseline("strong", "cnn", 1, 0.8),
    ]
    (group,) = summarise(records)["groups"]
    columns, rows = table(group)

    assert [dict(zip(columns, row, strict=True)) for row in rows] == [
        {
            "strategy": "margin",
            "seeds": "1",
            "area": "0.750",
            "+/- random": "+0.1833",
            "p": "1",
            "to 95 %": "400",
            "to 98 %": "400",
            "to 99 %": "400",
            "to 100 %": "400",
            "saving": "25 %",
            "final score": "0.800",
            "select s": "0.50",
            "train s": "2.00",
        },
        dict.fromkeys(columns, "-")
        | {
            "strategy": "random",
            "seeds": "1",
            "area": "0.567",
            "final score": "0.700",
            "train s": "1.25",
        },
    ]


def test_a_saving_of_zero_is_printed():
    scores = [0.5, 0.6, 0.7]
    (group,) = summarise([*run("a", 1, scores), *run("random", 1, scores)])["groups"]
    columns, rows = table(group)

    assert [row[columns.index("saving")] for row in rows] == ["0 %", "-"]
    assert [row[columns.index("p")] for row in rows] == ["1", "-"]


def test_titles_name_the_settings_in_which_groups_differ():
    records = [
        *run("random", 1, [0.5], settings='{"noise":0,"size":9}'),
        *run("random", 1, [0.5], settings='{"noise":0.2,"size":9}'),
        *run("random", 1, [0.5], arch="lstm", settings='{"noise":0,"size":5}'),
    ]
    summary = summarise(records)

    assert titles(summary) == [
        "cnn, 100 a round, start random, noise 0",
        "cnn, 100 a round, start random, noise 0.2",
        "lstm, 100 a round, start random",
    ]
    assert warnings(summary)[0].startswith("cnn, 100 a round, start random, noise 0: ")
    assert titles(summarise(records[:1])) == ["cnn, 100 a round, start random"]


def test_warnings_of_one_group_have_no_title():
    summary = summarise(ledger({"random": 3}, 2))

    assert warnings(summary) == summary["groups"][0]["warnings"]
