import json

import numpy as np
import pytest

from alcli.core.errors import InputError, UsageError
from alcli.evaluation.comparison.summary import summarise
from alcli.numerics.significance import wilcoxon
from tests.evaluation.comparison.simulated import baseline, ledger, run


def only(records, **more):
    (group,) = summarise(records, **more)["groups"]
    return group


def named(group, name):
    (one,) = [one for one in group["strategies"] if one["strategy"] == name]
    return one


def slow_mean(runs):
    rounds = min(map(len, runs))
    return [sum(run[i] for run in runs) / len(runs) for i in range(rounds)]


def slow_labels_to(labels, scores, target):
    means = [None, None] + [sum(scores[i - 2 : i + 1]) / 3 for i in range(2, 9)]
    for i in range(2, 9):
        if all(mean >= target - 1e-9 for mean in means[i:]):
            return labels[i]
    return None


@pytest.mark.parametrize("seed", range(8))
def test_a_small_ledger_is_summarised_as_by_hand(seed):
    rng = np.random.default_rng(seed)
    labels = np.cumsum(rng.integers(20, 90, 9)).tolist()
    scores = {
        name: [np.round(np.sort(rng.random(9)) / 2 + up, 9).tolist() for _ in range(5)]
        for name, up in (("margin", 0.1), ("random", 0.0))
    }
    records = [
        record
        for name, curves in scores.items()
        for one, curve in enumerate(curves)
        for record in run(name, one, curve, labels=labels)
    ]
    full = [0.6, 0.62, 0.55]
    records += [baseline("paper", "cnn", i, score) for i, score in enumerate(full)]
    group = only(records)
    margin, random = named(group, "margin"), named(group, "random")

    areas = {
        name: [
            sum(
                (labels[i + 1] - labels[i]) * (curve[i] + curve[i + 1]) / 2
                for i in range(8)
            )
            / (labels[-1] - labels[0])
            for curve in curves
        ]
        for name, curves in scores.items()
    }
    beside = margin["against"]
    differences = [a - b for a, b in zip(*areas.values(), strict=True)]
    mine, theirs = slow_mean(scores["margin"]), slow_mean(scores["random"])
    base = sum(full) / 3
    assert margin["area"]["mean"] == pytest.approx(np.mean(areas["margin"]))
    assert random["area"]["sd"] == pytest.approx(np.std(areas["random"], ddof=1))
    assert margin["final"]["mean"] == pytest.approx(mine[-1])
    assert margin["peak"]["score"] == pytest.approx(max(mine))
    assert margin["peak"]["labels"] == labels[mine.index(max(mine))]
    assert beside["area"] == pytest.approx(np.mean(differences))
    assert beside["p"] == wilcoxon(differences)
    for share in (95, 98, 99, 100):
        by_hand = slow_labels_to(labels, mine, base * share / 100)
        assert margin["labels_to"]["paper"][str(share)] == by_hand
    assert margin["labels_to"]["strong"] is None
    end = sum(theirs[-3:]) / 3
    ours = slow_labels_to(labels, mine, end)
    saving = beside["saving"]
    assert (saving["labels"], saving["other_labels"]) == (ours, labels[-1])
    assert saving["share"] == (
        None if ours is None else pytest.approx(1 - ours / labels[-1])
    )
    if max(theirs) > base:
        assert beside["deficiency"] == "undefined"
    else:
        short = sum(base - s for s in mine) / sum(base - s for s in theirs)
        assert beside["deficiency"] == pytest.approx(short)
    assert random["against"] is None
    assert margin["seconds"] == {"select": 0.5, "train": 2.0}


def test_deficiency_is_a_number_where_random_stays_below():
    records = [*run("margin", 1, [0.5, 0.7]), *run("random", 1, [0.4, 0.6])]
    records.append(baseline("paper", "cnn", 1, 0.8))

    beside = named(only(records), "margin")["against"]
    assert beside["deficiency"] == pytest.approx(0.4 / 0.6)
    beside = named(only(records[:-1]), "margin")["against"]
    assert beside["deficiency"] is None
    records.append(baseline("paper", "cnn", 1, 0.5))
    beside = named(only(records), "margin")["against"]
    assert beside["deficiency"] == "undefined"


def test_the_summary_is_json():
    records = ledger({"random": 2, "margin": 4}, 3)
    records += [baseline("strong", "logreg", 0, 0.99)]
    summary = summarise(records)

    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert summary["metric"] == "macro_f1"
    assert summary["data"] == "d" * 16


def test_an_infinite_saving_is_null():
    records = [
        record
        for seed in range(6)
        for name, end in (("random", 0.7), ("some", 0.9 - seed / 15), ("none", 0.1))
        for record in run(name, seed, [0.5, 0.5, 0.6, end])
    ]
    group = only(records)
    json.dumps(group, allow_nan=False)
    some, none = (named(group, n)["against"]["saving"] for n in ("some", "none"))

    assert (some["labels"], some["other_labels"], some["share"]) == (400, 400, 0)
    assert some["interval"] == [None, 0]
    assert (none["labels"], none["share"]) == (None, None)
    assert none["interval"] == [None, None]


def test_a_better_strategy_is_found_better_and_a_worse_one_worse():
    group = only(ledger({"slow": 1, "random": 3, "margin": 6}, 12))
    margin, slow = (named(group, n)["against"] for n in ("margin", "slow"))

    assert [one["strategy"] for one in group["strategies"]] == [
        "margin",
        "random",
        "slow",
    ]
    assert (margin["verdict"], slow["verdict"]) == ("better", "worse")
    assert 0 < margin["interval"][0] < margin["area"] < margin["interval"][1]
    assert slow["interval"][1] < 0
    low, high = margin["saving"]["interval"]
    assert 0.2 < low <= margin["saving"]["share"] <= high < 0.8
    assert margin["p_holm"] == pytest.approx(2 * margin["p"])
    assert slow["saving"]["share"] is None or slow["saving"]["share"] < 0


def test_equal_strategies_rarely_differ_significantly():
    found = [
        one["against"]
        for seed in range(24)
        for one in only(ledger({"a": 3, "b": 3, "random": 3}, seed=seed))["strategies"]
        if one["strategy"] != "random"
    ]
    verdicts = [one["verdict"] for one in found]
    held = [one["interval"][0] <= 0 <= one["interval"][1] for one in found]

    assert verdicts.count("no difference found") >= 0.95 * 48
    assert 0.8 * 48 < sum(held) < 48


def test_the_same_curves_are_no_difference():
    group = only(
        [r for n in ("a", "random") for s in range(8) for r in run(n, s, [0.5, 0.6])]
    )
    beside = named(group, "a")["against"]

    assert (beside["p"], beside["p_holm"], beside["area"]) == (1, 1, 0)
    assert beside["verdict"] == "no difference found"
    assert beside["saving"]["share"] == 0


def test_few_seeds_give_no_verdict():
    beside = named(only(ledger({"random": 1, "margin": 9}, 5)), "margin")
    assert beside["against"]["verdict"] == "too few seeds for a verdict"
    beside = named(only(ledger({"random": 1, "margin": 9}, 6)), "margin")
    assert beside["against"]["verdict"] == "better"


def test_pairs_are_the_shared_seeds():
    records = ledger({"random": 3, "margin": 6}, 8)
    kept = [
        r
        for r in records
        if (r["tags"]["strategy"], r["tags"]["seed"])
        not in {("margin", "2"), ("random", "5")}
    ]
    beside = named(only(kept), "margin")
    pairs = [r for r in records if r["tags"]["seed"] not in ("2", "5")]

    assert beside["seeds"] == 7
    assert beside["against"] == named(only(pairs), "margin")["against"]
    assert beside["against"]["seeds"] == 6


def test_without_random_or_a_shared_seed_nothing_is_compared():
    alone = only(ledger({"margin": 3}, 2))
    apart = only([*run("random", 1, [0.5]), *run("margin", 2, [0.5])])

    assert named(alone, "margin")["against"] is None
    assert named(apart, "margin")["against"] is None


def test_areas_are_over_the_labels_that_all_curves_cover():
    records = [
        *run("random", 1, [0.0, 0.5, 1.0, 1.0], labels=[100, 200, 300, 400]),
        *run("margin", 1, [0.5, 0.5, 1.0], labels=[150, 250, 350]),
    ]
    group = only(records)

    assert group["between"] == [150, 350]
    by_hand = (50 * 0.375 + 100 * 0.75 + 50 * 1.0) / 200
    assert named(group, "random")["area"]["mean"] == pytest.approx(by_hand)
    assert named(group, "margin")["area"]["mean"] == pytest.approx(0.625)


def test_curves_without_common_labels_are_refused():
    records = [*run("a", 1, [0.5]), *run("b", 1, [0.5], labels=[700])]

    with pytest.raises(InputError, match=r"^c: b, seed 1 begins at 700 labels, a, "):
        summarise(records, source="c")


@pytest.mark.parametrize("rounds", [1, 2])
def test_short_curves_are_averaged_over_all_their_rounds(rounds):
    records = [
        record
        for seed in range(2)
        for name, scores in (("random", [0.4, 0.6]), ("margin", [0.7, 0.8]))
        for record in run(name, seed, scores[:rounds])
    ]
    records.append(baseline("paper", "cnn", 0, 0.7))
    margin = named(only(records), "margin")

    assert margin["labels_to"]["paper"]["100"] == 100 * rounds
    saving = margin["against"]["saving"]
    assert (saving["labels"], saving["other_labels"]) == (100 * rounds,) * 2
    assert saving["score"] == pytest.approx([0.4, 0.5][rounds - 1])


def test_unfinished_runs_are_left_out_if_others_are_finished():
    ended = ledger({"random": 3, "margin": 6}, 3)
    going = run("margin", 3, [0.1, 0.2], ended=False)

    told, without = only(ended + going), only(ended)
    assert told["strategies"] == without["strategies"]
    (alone,) = only(going)["strategies"]
    assert (alone["seeds"], alone["rounds"]) == (1, 2)


def test_strong_is_the_best_architecture_by_the_mean_of_its_seeds():
    records = run("random", 1, [0.5])
    for arch, scores in (("cnn", [0.9, 0.6]), ("kim-cnn", [0.8, 0.82])):
        for seed, score in enumerate(scores):
            records.append(baseline("strong", arch, seed, score))
    records.append(baseline("strong", "logreg", 0, 0.79, labels=400))
    records.append(baseline("paper", "kim-cnn", 0, 0.99))
    told = only(records)["baselines"]

    assert told["strong"] == {
        "arch": "kim-cnn",
        "class_weight": "",
        "seeds": 2,
        "labels": 5000,
        "mean": pytest.approx(0.81),
        "sd": pytest.approx(np.std([0.8, 0.82], ddof=1)),
    }
    assert (told["logreg"]["mean"], told["logreg"]["labels"]) == (0.79, 400)
    assert told["logreg"]["sd"] is None
    assert told["own"]["mean"] == 0.75
    assert told["paper"] is None


def test_a_baseline_is_that_of_the_settings_nearest_to_the_groups():
    clean, noisy = '{"noise":0,"patience":5}', '{"noise":0.2,"patience":5}'
    records = [
        *run("random", 1, [0.5], settings='{"noise":0,"patience":null}'),
        *run("random", 1, [0.4], settings='{"noise":0.2,"patience":null}'),
        baseline("strong", "cnn", 1, 0.9, settings=clean),
        baseline("strong", "cnn", 1, 0.7, settings=noisy),
    ]
    groups = summarise(records)["groups"]

    assert [group["baselines"]["strong"]["mean"] for group in groups] == [0.9, 0.7]


def test_labels_to_a_baseline_that_is_met_to_the_last_digit():
    records = [baseline("paper", "cnn", s, x) for s, x in enumerate([0.7, 0.8, 0.8])]
    records += [r for s, x in enumerate([0.7, 0.8, 0.8]) for r in run("a", s, [x] * 4)]

    assert named(only(records), "a")["labels_to"]["paper"]["100"] == 300


def test_all_may_be_compared_with_another_strategy():
    records = ledger({"random": 1, "margin": 4, "core-set": 6}, 8)
    group = only(records, against="margin")
    assert group["against"] == "margin"
    assert named(group, "margin")["against"] is None
    ahead, behind = named(group, "core-set"), named(group, "random")
    difference = ahead["area"]["mean"] - named(group, "margin")["area"]["mean"]
    assert ahead["against"]["area"] == pytest.approx(difference)
    assert behind["against"]["verdict"] == "worse"
    usual = named(only(records), "margin")["against"]
    assert behind["against"]["area"] == pytest.approx(-usual["area"])
    assert behind["against"]["p"] == usual["p"]
    with pytest.raises(UsageError, match=r"badge: no such .* core-set, margin, random"):
        only(records, against="badge")


def test_strong_is_the_best_class_weighting():
    records = run("random", 1, [0.5])
    for weight, score in (("capped", 0.8), ("balanced", 0.83), ("none", 0.7)):
        records.append(baseline("strong", "cnn", 1, score, class_weight=weight))
    strong = only(records)["baselines"]["strong"]

    assert (strong["class_weight"], strong["mean"], strong["seeds"]) == (
        "balanced",
        0.83,
        1,
    )
