"""Gold answers and a model's probabilities, by item."""

import json

import numpy as np
import pytest

from alcli.annotation.votes.gold_answers import GoldAnswers, ItemProbs
from alcli.annotation.votes.ledger import Ledger
from alcli.core.errors import InputError, MissingField
from alcli.core.step import Block


def block(*records):
    return Block("".join(json.dumps(r) + "\n" for r in records).encode(), "gold")


def line(**fields):
    return json.dumps(fields).encode()


IDS = {"a": 0, "b": 1, "3": 2}


def test_labels_are_kept_for_ids_with_votes():
    answers = GoldAnswers(IDS)
    answers.add(block({"id": 3, "label": "no"}, {"id": "other", "label": "new"}))
    answers.add(block({"id": "a", "label": "yes", "text": "t"}))
    assert answers.labels == {2: "no", 0: "yes"}
    assert answers.gold(["no", "yes"], 3).tolist() == [1, -1, 0]


def test_a_lookup_adds_no_id():
    ledger = Ledger()
    ledger.add(block({"id": "a", "label": "x"}))
    GoldAnswers(ledger.ids).add(block({"id": "b", "label": "x"}))
    assert list(ledger.ids) == ["a"]


@pytest.mark.parametrize("before", [0, 1])
def test_two_answers_to_one_id_are_refused(before):
    answers = GoldAnswers(IDS)
    same = {"id": "a", "label": "x"}
    answers.add(block(*[same] * before))
    with pytest.raises(InputError, match='gold:3: its id is known as "x", too'):
        answers.add(block(same, same, {"id": "a", "label": "y"}))


def test_probabilities_are_rows_by_class():
    lines = [line(probs={"x": 0.25, "y": 0.75}), b"", line(probs={"z": 1, "y": 0})]
    probs = ItemProbs(IDS, lines, "records")
    assert probs.classes == {"x", "y", "z"}
    rows = [[0.75, 0.25, 0, 0], [0.25] * 4, [0, 0, 1, 0]]
    assert probs.matrix(["y", "x", "z", "q"]).tolist() == rows


@pytest.mark.parametrize("probs", [None, {}])
def test_missing_probabilities_are_an_error(probs):
    with pytest.raises(MissingField, match='s: no "probs" field; id "a" needs them'):
        ItemProbs({"a": 0}, [line(probs=probs)], "s")


@pytest.mark.parametrize(
    "probs", [{"x": 1.5, "y": -0.5}, {"x": 0.5, "y": 0.6}, {"x": 0.5}, {"x": "1"}, [1]]
)
def test_invalid_probabilities_are_an_error(probs):
    with pytest.raises(InputError, match='s: id "a": "probs" must be'):
        ItemProbs({"a": 0}, [line(probs=probs)], "s")


def test_no_items_have_no_probabilities():
    assert ItemProbs({}, [], "s").matrix([]).shape == (0, 0)
    assert np.array_equal(GoldAnswers({}).gold([], 0), [])
