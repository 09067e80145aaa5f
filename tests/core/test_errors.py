"""Errors name the place and the status, also from another process."""

import pickle

import pytest

from alcli.core import errors
from alcli.core.errors import InputError, MissingExtra, MissingField, UnknownName


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("AlcliError", 70),
        ("UsageError", 2),
        ("UnknownName", 2),
        ("BadParameter", 2),
        ("InputError", 3),
        ("MissingField", 3),
        ("CheckpointError", 4),
        ("SurroundingsError", 5),
        ("MissingExtra", 5),
        ("MemoryRefused", 5),
        ("WorkerDied", 5),
        ("NothingLeft", 6),
    ],
)
def test_the_tree_in_the_docstring_is_the_code(name, status):
    kind = getattr(errors, name)
    assert kind.status == status
    assert issubclass(kind, errors.AlcliError)
    assert name in errors.__doc__


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({}, "bad"),
        ({"source": "a.jsonl"}, "a.jsonl: bad"),
        ({"source": "a.jsonl", "line": 7}, "a.jsonl:7: bad"),
    ],
)
def test_an_input_error_begins_with_its_place(place, message):
    assert str(InputError("bad", **place)) == message


@pytest.mark.parametrize(
    "error",
    [
        InputError("bad", source="a.jsonl", line=7),
        MissingField("probs", remedy="run `alcli score`", source="a.jsonl", line=7),
    ],
)
def test_an_input_error_crosses_processes_whole(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert (again.problem, again.source, again.line) == (error.problem, "a.jsonl", 7)


def test_messages_name_the_remedy():
    missing = MissingField("probs", remedy="run `alcli score`", source="f", line=1)
    assert str(missing) == 'f:1: no "probs" field; run `alcli score`'
    assert str(UnknownName("dish", "x", ["a", "b"])).endswith("choose from: a, b")
    assert "pip install 'alcli[report]'" in str(MissingExtra("jinja2", "report"))
    assert str(MissingExtra("torch")).endswith("run: pip install torch")
