"""Reader of the fields that a strategy needs, and its checks."""

import json

import numpy as np
import pytest

from alcli.core.errors import InputError, MissingField
from alcli.core.step import Block
from alcli.query.selection.scored_reader import ScoredReader


def block(*records):
    return Block("".join(json.dumps(r) + "\n" for r in records).encode(), "f")


def probs(id, *numbers, **more):
    names = "abc"[: len(numbers)]
    return {"id": id, "probs": dict(zip(names, numbers, strict=True))} | more


def test_rows_have_the_values_of_the_records():
    reader = ScoredReader(("probs", "loss"), "topic", seed=5)
    rows, _ = reader.read(
        block(
            probs(7, 0.5, 0.25, 0.25, topic=3, signals={"x": 1, "loss": 2.5}),
            {"text": "t", "signals": {"loss": 1}, **probs("b", 1, 0, 0)},
        )
    )
    assert rows.scored.ids == ["7", "b"]
    assert rows.scored.probs.tolist() == [[0.5, 0.25, 0.25], [1, 0, 0]]
    assert rows.scored.signals["loss"].tolist() == [2.5, 1]
    assert rows.strata == [3, None]
    assert rows.scored.seed == 5


def test_classes_have_the_order_of_the_first_record():
    reader = ScoredReader(("probs",), None, 0)
    reader.read(block(probs(1, 0.5, 0.5)))
    other, _ = reader.read(block({"probs": {"b": 0.9, "a": 0.1}, "id": 2}))
    assert other.scored.probs.tolist() == [[0.1, 0.9]]


def test_invalid_first_record_does_not_set_the_classes():
    reader = ScoredReader(("probs",), None, 0)
    with pytest.raises(InputError):
        reader.read(block({"id": 1, "probs": {"odd": 2.0}}))
    rows, _ = reader.read(block(probs(2, 0.5, 0.5)))
    assert rows.scored.probs.tolist() == [[0.5, 0.5]]


def test_unusual_names_of_classes_and_fields():
    awkward = {"__class__": 0.25, "": 0.25, "a.b": 0.25, 'q"\u2028': 0.25}
    reader = ScoredReader(("probs",), "my field", 0)
    rows, _ = reader.read(block({"id": 1, "probs": awkward, "my field": "x"}))
    assert rows.scored.probs.tolist() == [[0.25] * 4]
    assert rows.strata == ["x"]


def test_only_ids_are_read_without_needs():
    reader = ScoredReader((), None, 0)
    rows, _ = reader.read(block({"id": 1, "probs": "odd"}, {"id": 2}))
    assert rows.scored.probs.shape == (2, 0)
    assert rows.strata is None
    assert np.unique(rows.scored.noise).size == 2


@pytest.mark.parametrize("first", [{"id": 1}, probs(1), {"id": 1, "probs": None}])
def test_first_record_without_probs_is_an_error_with_a_remedy(first):
    with pytest.raises(MissingField, match=r"f:1: .*run `alcli score`"):
        ScoredReader(("probs",), None, 0).read(block(first))


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (probs(2, 0.5), 'no "b" in "probs"'),
        (probs(2, 0.2, 0.3, 0.5), '"probs": .*unknown field c'),
        (probs(2, 0.5, 0.6), "sum to 1, not to 1.1"),
        (probs(2, 1.5, -0.5), '"probs" must be at least 0'),
        (probs(2, 0.5, "x"), '"probs.b": Expected float, got str'),
        (probs(2.5, 0.5, 0.5), '"id": Expected int | str, got float'),
        ({"probs": {"a": 0.5, "b": 0.5}}, 'no "id" field'),
    ],
)
def test_invalid_probs_are_an_error_with_their_line(record, says):
    reader = ScoredReader(("probs",), None, 0)
    reader.read(block(probs(1, 0.5, 0.5)))
    with pytest.raises(InputError) as caught:
        reader.read(block(probs(3, 0.4995, 0.5), record))
    assert str(caught.value).startswith("f:2: ")
    assert says.partition(" .*")[0] in str(caught.value)


@pytest.mark.parametrize("name", ['"', "\\", "\n"])
def test_classes_that_need_escaping_are_checked(name):
    reader = ScoredReader(("probs",), None, 0)
    good = {"id": 1, "probs": {name: 0.5, "b": 0.5}}
    reader.read(block(good))
    again, _ = reader.read(block({"id": 1, "probs": {"b": 0.9, name: 0.1}}))
    assert again.scored.probs.tolist() == [[0.1, 0.9]]
    for odd in ({name: 1}, {name: 0.5, "b": 0.5, "c": 0}):
        with pytest.raises(InputError, match='f:2: "probs" has other classes'):
            reader.read(block(good, {"id": 2, "probs": odd}))
