"""Reports on annotators, and their agreement."""

import json
from collections import Counter, defaultdict

import numpy as np
import pytest

from alcli.annotation.aggregators import aggregators
from alcli.annotation.settings import MergeSettings
from alcli.annotation.votes.annotator_report import (
    agreement_summary,
    annotator_records,
    report_lines,
)
from alcli.annotation.votes.caveats import similar_names
from alcli.annotation.votes.gold_answers import GoldAnswers
from alcli.annotation.votes.ledger import Ledger
from alcli.annotation.votes.merging import Merge
from alcli.core.step import Block


def block(records):
    return Block("".join(json.dumps(r) + "\n" for r in records).encode())


def vote(id, label, annotator="a", **more):
    return {"id": id, "label": label, "annotator": annotator} | more


def report(votes, gold=(), aggregate="majority", **options):
    """Return annotator -> record."""
    ledger = Ledger(keep_lines=True, timed=True)
    ledger.add(block(votes))
    answers = GoldAnswers(ledger.ids)
    answers.add(block({"id": id, "label": label} for id, label in gold))
    merge = Merge(
        MergeSettings(aggregators.get(aggregate), **options), ledger, None, answers
    )
    list(merge)
    return {
        record.pop("annotator"): record for record in annotator_records(ledger, merge)
    }


def test_each_annotator_has_all_fields():
    votes = [
        vote(1, "x", "a", seconds=9),
        vote(1, "y", "a", seconds=2),
        vote(2, "x", "a", seconds=4),
        vote(3, None, "a"),
        vote(1, "y", "b"),
        vote(2, "y", "b", seconds=None),
        vote(2, "x", "c"),
        vote(4, "y", "c", seconds=1),
    ]
    found = report(votes, gold=[(4, "x")])
    assert found["a"] == {
        "items": 2,
        "skipped": 1,
        "replaced": 1,
        "accuracy": 0.5,
        "gold_items": 0,
        "gold_accuracy": None,
        "quality": None,
        "kappa": pytest.approx(0.5),
        "seconds": 3.0,
        "probably_spammer": False,
        "confusion": {"x": {"x": 1}, "y": {"y": 1}},
    }
    assert found["b"]["confusion"] == {"x": {"y": 1}, "y": {"y": 1}}
    assert (found["b"]["accuracy"], found["b"]["seconds"]) == (0, None)
    assert found["c"]["accuracy"] == 0.25
    assert (found["c"]["gold_items"], found["c"]["gold_accuracy"]) == (1, 0.0)
    assert (found["c"]["items"], found["c"]["seconds"]) == (2, 1.0)


def test_the_median_of_an_even_number_is_the_middle():
    votes = [vote(i, "x", "a", seconds=s) for i, s in enumerate([1, 8, 2, 4])]
    assert report(votes)["a"]["seconds"] == 3.0


def test_quality_is_the_aggregators():
    votes = [vote(i, "xy"[i % 2], who) for i in range(30) for who in "abc"]
    found = report(votes, aggregate="weighted-majority")
    assert [found[who]["quality"] for who in "abc"] == [1, 1, 1]


def one_of_few_votes(n):
    votes = [vote(i, "xy"[i % 2], who) for i in range(30) for who in "abc"]
    return [*votes, *(vote(i, "xy"[i % 2], "d") for i in range(n))]


@pytest.mark.parametrize(
    "name", ["dawid-skene", "glad", "mace", "one-coin", "weighted-majority"]
)
def test_quality_of_few_answers_is_null(name):
    few = report(one_of_few_votes(4), aggregate=name)
    enough = report(one_of_few_votes(5), aggregate=name)
    assert few["d"]["quality"] is None
    assert few["a"]["quality"] > 0.8
    assert enough["d"]["quality"] > 0.5


def test_items_without_other_votes_do_not_count_for_quality():
    alone = [vote(i, "x", "d") for i in range(100, 120)]
    votes = [*one_of_few_votes(0), *alone]
    assert report(votes, aggregate="mace")["d"]["quality"] is None
    known = report(votes, aggregate="mace", gold=[(i, "x") for i in range(100, 105)])
    assert known["d"]["quality"] is not None


def test_annotators_without_quality_are_counted_in_the_log(caplog):
    ledger = Ledger(keep_lines=True, timed=True)
    ledger.add(block(one_of_few_votes(1)))
    options = MergeSettings(aggregators.get("mace"))
    merge = Merge(options, ledger, None, GoldAnswers(ledger.ids))
    list(merge)
    with caplog.at_level("INFO", "alcli"):
        list(report_lines("annotators", ledger, merge))
    assert "1 of 4 annotators have no quality" in caplog.text


def test_an_annotator_without_answers_has_a_record():
    found = report([vote(1, None, "a"), vote(2, "x", "b")])
    assert (found["a"]["items"], found["a"]["skipped"]) == (0, 1)
    assert found["a"]["accuracy"] is found["a"]["kappa"] is None
    assert not found["a"]["probably_spammer"]


def test_two_votes_give_no_accuracy_and_a_tie_no_confusion():
    votes = [vote(1, "x", "a"), vote(1, "y", "b"), vote(2, "x", "a"), vote(2, "x", "b")]
    found = report(votes)
    assert (found["a"]["accuracy"], found["b"]["accuracy"]) == (None, None)
    assert found["b"]["confusion"] == {"x": {"x": 1}}


def test_accuracy_is_agreement_with_the_other_votes():
    """Tied items count: on the first, without a's vote, y leads, and without d's x."""
    votes = [vote(1, label, who) for label, who in zip("xxyy", "abcd", strict=True)]
    votes += [vote(2, label, who) for label, who in zip("xxxy", "abcd", strict=True)]
    votes += [vote(3, label, who) for label, who in zip("xyz", "abc", strict=True)]
    found = report(votes)
    assert [found[who]["accuracy"] for who in "abcd"] == [
        pytest.approx((0 + 1 + 0) / 3),
        pytest.approx((0 + 1 + 0) / 3),
        pytest.approx((0 + 1 + 0) / 3),
        0,
    ]


@pytest.mark.parametrize("classes", ["xy", "wxyz"])
def test_accuracy_equals_a_leave_one_out_count(rng, classes):
    votes = [
        vote(i, str(rng.choice(list(classes))), f"p{who}")
        for i in range(60)
        for who in rng.choice(9, rng.integers(1, 7), replace=False)
    ]
    gold = [(i, "x") for i in range(5)]
    expected = defaultdict(list)
    for one in votes:
        others = [v["label"] for v in votes if v["id"] == one["id"] and v is not one]
        if one["id"] < 5:
            expected[one["annotator"]].append(one["label"] == "x")
        elif len(others) > 1:
            counts = Counter(others)
            lead = [label for label in counts if counts[label] == max(counts.values())]
            expected[one["annotator"]].append((one["label"] in lead) / len(lead))
    for who, record in report(votes, gold=gold).items():
        assert record["accuracy"] == pytest.approx(np.mean(expected[who]), abs=1e-6)


def crowd(rng, skills, items, classes=2):
    truth = rng.integers(0, classes, items)
    return truth, [
        vote(i, str(right if rng.random() < skill else rng.integers(classes)), str(who))
        for who, skill in enumerate(skills)
        for i, right in enumerate(truth.tolist())
    ]


def flagged(found):
    return {who for who, record in found.items() if record["probably_spammer"]}


@pytest.mark.parametrize("classes", [2, 4])
def test_a_random_annotator_is_flagged(rng, classes):
    """Skill is what is known; the rest is a guess."""
    _, votes = crowd(rng, [0.9, 0.9, 0.6, 0.0, 0.0], 300, classes)
    assert flagged(report(votes)) == {"3", "4"}


def test_a_constant_annotator_is_flagged(rng):
    truth, votes = crowd(rng, [0.9, 0.9, 0.9], 300)
    votes += [vote(i, "0", "lazy") for i in range(len(truth))]
    assert flagged(report(votes)) == {"lazy"}


def test_an_annotator_with_few_votes_is_not_flagged(rng):
    truth, votes = crowd(rng, [0.9, 0.9, 0.9], 300)
    votes += [vote(i, str(1 - truth[i]), "new") for i in range(2)]
    votes += [vote(i, "0", "newer") for i in range(5)]
    assert flagged(report(votes)) == set()


def test_a_rare_class_flags_nobody(rng):
    truth = (rng.random(200) < 0.03).astype(int)
    votes = [
        vote(i, str(abs(right - int(rng.random() < 0.02))), who)
        for who in "abc"
        for i, right in enumerate(truth.tolist())
    ]
    assert flagged(report(votes)) == set()


def test_a_single_class_flags_nobody():
    found = report([vote(i, "x", who) for i in range(50) for who in "ab"])
    assert flagged(found) == set()
    assert found["a"]["kappa"] is None


def test_gold_answers_replace_the_other_votes(rng):
    """Of three, two guess: only by known answers the good one is told from them."""
    truth, votes = crowd(rng, [0.95, 0.0, 0.0], 600)
    gold = [(i, str(right)) for i, right in enumerate(truth.tolist())]
    assert flagged(report(votes, gold)) == {"1", "2"}


def test_agreement_equals_known_values():
    votes = [vote(i, "xy"[i < 5], who) for i in range(10) for who in "ab"]
    votes += [vote(10, "x", "a"), vote(10, "y", "b"), vote(11, "x", "a")]
    ledger = Ledger(keep_lines=True)
    ledger.add(block(votes))
    found = agreement_summary(ledger.votes()[0])
    assert found["items"] == 12
    assert (found["shared_items"], found["annotators"], found["votes"]) == (11, 2, 23)
    assert found["percent"] == pytest.approx(10 / 11, abs=1e-6)
    assert found["cohen_kappa"] == pytest.approx((10 / 11 - 0.5) * 2, abs=0.01)
    assert found["cohen_pairs"] == 1
    for name in ("fleiss_kappa", "krippendorff_alpha", "gwet_ac1"):
        assert 0.8 < found[name] < 0.85


def test_agreement_without_votes_is_null():
    found = agreement_summary(Ledger().votes()[0])
    assert found["items"] == found["votes"] == found["annotators"] == 0
    assert found["percent"] is found["gwet_ac1"] is None


def test_similar_names_are_grouped():
    assert similar_names(["no", "Yes", "yes ", " YES", "straße", "STRASSE"]) == [
        ["Yes", "yes ", " YES"],
        ["straße", "STRASSE"],
    ]
    assert similar_names(["a b", "a  b"]) == [["a b", "a  b"]]
    assert similar_names(["ab", "a b"]) == []


def test_activity_equals_a_count_by_hand(rng):
    votes = [
        vote(
            int(rng.integers(30)),
            ["x", None][int(rng.integers(3) == 0)],
            "abc"[rng.integers(3)],
            **({"seconds": float(rng.integers(9))} if rng.random() < 0.7 else {}),
        )
        for _ in range(300)
    ]
    ledger = Ledger(timed=True)
    ledger.add(block(votes[:100]))
    ledger.add(block(votes[100:]))
    last = {(v["id"], v["annotator"]): v for v in votes}
    activity = ledger.activity()
    for number, who in enumerate(ledger.annotators):
        own = [v for v in last.values() if v["annotator"] == who]
        read = sum(v["annotator"] == who for v in votes)
        assert activity.replaced[number] == read - len(own)
        assert activity.skipped[number] == sum(v["label"] is None for v in own)
        spent = [v["seconds"] for v in own if "seconds" in v]
        assert activity.seconds[number] == np.median(spent)
