"""Prodigy's layouts: `db-out` of binary and choice recipes, `db-in`."""

import json

import pytest

from alcli.core.errors import InputError

BINARY = """\
{"text":"خوب بود","label":"POS","answer":"accept","score":0.7,"meta":{"section":"a"},\
"_input_hash":12,"_task_hash":-3,"_view_id":"classification",\
"_session_id":"set-ann1","_annotator_id":"set-ann1","_timestamp":1700000000}
{"text":"بد بود","label":"POS","answer":"reject","_annotator_id":"set-ann2"}
{"text":"?","label":"POS","answer":"ignore","_session_id":"set-ann2"}
{"text":"gold","label":"NEG"}
"""
CHOICE = """\
{"text":"a","options":[{"id":"POS","text":"Positive"},{"id":"NEG","text":"Negative"}],\
"accept":["POS"],"answer":"accept","config":{"choice_style":"single"}}
{"text":"b","options":[],"accept":[],"answer":"accept"}
{"text":"c","options":[],"accept":["POS"],"answer":"ignore"}
{"text":"d","options":[],"accept":["POS"],"answer":"reject"}
{"text":"e","options":[],"accept":[3],"answer":"accept"}
"""


def test_binary_answers_are_read(files):
    first, reject, ignore, gold = files.read("prodigy", BINARY)
    assert first == {
        "text": "خوب بود",
        "label": "POS",
        "score": 0.7,
        "meta": {"section": "a"},
        "_input_hash": 12,
        "_task_hash": -3,
        "_view_id": "classification",
        "annotator": "set-ann1",
        "time": "2023-11-14T22:13:20Z",
    }
    assert reject == {
        "text": "بد بود",
        "label": None,
        "rejected": "POS",
        "annotator": "set-ann2",
    }
    assert ignore == {"text": "?", "label": None, "annotator": "set-ann2"}
    assert gold == {"text": "gold", "label": "NEG"}


def test_reject_as_labels_rejected_tasks(files):
    two = BINARY + '{"text":"x","label":"NEG","answer":"reject"}\n'
    labels = [r["label"] for r in files.read("prodigy", two, reject_as="NEG")]
    assert labels == ["POS", "NEG", None, "NEG", None]  # "not NEG" is not a label


def test_a_rejected_task_without_label_has_no_label(files):
    task = '{"text":"a","answer":"reject"}\n'
    (record,) = files.read("prodigy", task, reject_as="NEG")
    assert record["label"] is None


def test_choices_are_read(files):
    found = files.read("prodigy", CHOICE)
    assert [r["label"] for r in found] == ["POS", None, None, None, "3"]
    assert found[0]["options"][1] == {"id": "NEG", "text": "Negative"}
    assert "accept" not in found[0]


RECORD = {"id": "r1", "text": "a", "label": "x", "annotator": "w", "n": [1]}


def test_binary_tasks_are_written(files):
    record = RECORD | {"time": "2023-11-15T01:43:20+03:30", "meta": {"page": 3}}
    assert json.loads(files.write("prodigy", [record])) == {
        "id": "r1",
        "text": "a",
        "label": "x",
        "answer": "accept",
        "meta": {"page": 3, "id": "r1"},
        "n": [1],
        "_annotator_id": "w",
        "_session_id": "w",
        "_timestamp": 1700000000,
    }
    assert files.read("prodigy") == [record | {"time": "2023-11-14T22:13:20Z"}]


def test_choice_tasks_are_written(files):
    task = json.loads(files.write("prodigy", [RECORD], options="x,y"))
    assert task["options"] == [{"id": "x", "text": "x"}, {"id": "y", "text": "y"}]
    assert (task["accept"], task["answer"], "label" in task) == (["x"], "accept", False)
    assert files.read("prodigy")[0]["label"] == "x"


def test_labels_outside_the_options_are_rejected(files):
    with pytest.raises(InputError, match='label "x" is not among the options: y,z'):
        files.write("prodigy", [RECORD], options="y,z")


def test_unlabelled_records_become_unanswered_tasks(files):
    task = json.loads(files.write("prodigy", [{"text": "a"}], options="x,y"))
    assert set(task) == {"text", "options"}


@pytest.mark.parametrize("params", [{}, {"options": "x,y"}])
def test_votes_without_a_label_survive_a_round_trip(files, params):
    votes = [
        {"text": "a", "label": None},
        {"text": "b", "label": None, "rejected": "x"},
    ]
    files.write("prodigy", votes, **params)
    found = files.read("prodigy")
    assert [r["label"] for r in found] == [None, None]
    assert found[1]["rejected"] == "x"


def test_invalid_times_are_unchanged(files):
    files.write("prodigy", [{"text": "a", "time": "yesterday"}])
    assert files.read("prodigy") == [{"text": "a", "time": "yesterday"}]
    odd = '{"text":"a","_timestamp":1e300}'
    assert files.read("prodigy", odd) == [{"text": "a", "_timestamp": 1e300}]
    half = '{"text":"a","_timestamp":1700000000.5}'
    assert files.read("prodigy", half)[0]["time"] == "2023-11-14T22:13:20.500000Z"
