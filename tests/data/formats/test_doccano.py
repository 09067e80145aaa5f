"""doccano's layouts: JSONL and JSON, as exported and imported."""

import json

import pytest

from alcli.core.errors import InputError

EXPORT = """\
{"id":17,"text":"خوب بود","label":["POS"],"Comments":["why"],"stars":5}
{"id":18,"text":"b","label":[],"Comments":[]}
{"id":"r3","text":"c","label":"NEG"}
"""
RECORDS = [
    {"id": 17, "text": "خوب بود", "label": "POS", "Comments": ["why"], "stars": 5},
    {"id": 18, "text": "b", "Comments": []},
    {"id": "r3", "text": "c", "label": "NEG"},
]


def test_jsonl_is_read(files):
    assert files.read("doccano", EXPORT) == RECORDS


def test_json_is_read(files):
    array = json.dumps([json.loads(line) for line in EXPORT.splitlines()], indent=1)
    assert files.read("doccano", array) == RECORDS
    assert files.read("doccano", "\ufeff \n" + array) == RECORDS


def test_the_annotator_may_be_the_file_name(files):
    files.path = files.path.with_name("ali.v2.jsonl")
    found = files.read("doccano", EXPORT, annotator="{}")
    assert {r["annotator"] for r in found} == {"ali"}
    assert files.read("doccano", annotator="x-{}")[0]["annotator"] == "x-ali"


def test_spans_and_several_labels_are_rejected(files):
    with pytest.raises(InputError, match=r"file:1: several labels \(A, B\)"):
        files.read("doccano", '{"text":"a","label":["A","B"]}')
    with pytest.raises(InputError, match=r"file:1: .*a span"):
        files.read("doccano", '{"text":"a","label":[[0,1,"A"]]}')


def test_records_are_written_for_import(files):
    votes = [{"id": "r1", "text": "a", "label": "x", "annotator": "w", "filename": "f"}]
    line = b'{"id":"r1","text":"a","label":["x"],"annotator":"w"}'
    assert files.write("doccano", votes) == line + b"\n"
    assert files.write("doccano", votes, array=True) == b"[\n" + line + b"\n]\n"
