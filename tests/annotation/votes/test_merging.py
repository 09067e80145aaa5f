"""Beliefs into labels: ties, and aggregators of a user."""

import json

import numpy as np
import pytest

from alcli.annotation.aggregators import model_aware
from alcli.annotation.settings import MergeSettings
from alcli.annotation.votes.ledger import Ledger
from alcli.annotation.votes.merging import Merge
from alcli.core.step import Block


def merged(beliefs, *, aggregate=None, **options):
    """Merge two votes on each item, by an aggregator that has its mind made up."""
    ledger = Ledger(keep_lines=True)
    for label in "xy":
        lines = [
            json.dumps({"id": i, "label": label, "annotator": label, "probs": {"x": 1}})
            for i in range(len(beliefs))
        ]
        ledger.add(Block(("\n".join(lines) + "\n").encode()))
    decided = aggregate or (lambda votes: (np.array(beliefs), None))
    return Merge(MergeSettings(decided, **options), ledger)


def labels(merge):
    return {
        json.loads(line)["id"]: json.loads(line)["label"]
        for line, has_label in merge
        if has_label
    }


def test_beliefs_that_differ_by_rounding_are_a_tie():
    """0.1 + 0.2 is not 0.3 to a computer."""
    merge = merged([[0.1 + 0.2, 0.3], [0.3, 0.1 + 0.2], [0.3, 0.3001]])
    assert labels(merge) == {2: "y"}
    assert merge.counts == {"tied": 2}


def test_beliefs_may_contradict_the_majority():
    assert labels(merged([[0.4, 0.6], [0.9, 0.1]])) == {0: "y", 1: "x"}


def test_a_model_aware_aggregator_orders_the_relabel_candidates():
    beliefs = np.array([[0.6, 0.4], [0.9, 0.1], [0.7, 0.3]])

    @model_aware(lambda votes, beliefs: np.array([3.0, 1.0, 2.0]))
    def mine(votes):
        assert votes.probs.tolist() == [[1, 0]] * 3
        return beliefs, None

    merge = merged(beliefs, aggregate=mine)
    assert [json.loads(line)["id"] for line in merge.relabel_candidates()] == [1, 2, 0]
    plain = merged(beliefs)
    assert [json.loads(line)["id"] for line in plain.relabel_candidates()] == [0, 2, 1]
    assert plain.votes.probs is None


def test_equally_certain_candidates_are_ordered_by_number_of_votes():
    ledger = Ledger(keep_lines=True)
    votes = [{"id": i, "label": "x", "annotator": a} for i in (0, 1) for a in "abc"[i:]]
    ledger.add(Block(("\n".join(map(json.dumps, votes)) + "\n").encode()))
    merge = Merge(MergeSettings(lambda votes: (np.ones((2, 1)), None)), ledger)
    assert [json.loads(line)["id"] for line in merge.relabel_candidates()] == [1, 0]


@pytest.mark.parametrize("newest", ["first", "last"])
def test_parameters_reach_the_aggregator(newest):
    def mine(votes, *, sure=0.5):
        return np.tile([sure, 1 - sure], (votes.items, 1)), None

    merge = merged([0, 0], aggregate=mine, params={"sure": 0.8}, newest=newest)
    assert labels(merge) == {0: "x", 1: "x"}
