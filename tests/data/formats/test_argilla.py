"""Argilla's layouts: `records.to_json`, nested and with `flatten=True`."""

import json

import pytest

from alcli.core.errors import InputError

NESTED = """[
{"id":"r1","fields":{"text":"خوب بود"},"metadata":{"n":5},
 "suggestions":{"label":{"value":"POS","score":0.9,"agent":"m"}},
 "responses":{"label":[{"value":"POS","user_id":"u1"},{"value":"NEG","user_id":"u2"}]},
 "vectors":{},"_server_id":"s1"},
{"id":"r2","fields":{"text":"b"},"metadata":{},"suggestions":{},"responses":{},
 "vectors":{},"_server_id":null}
]"""
FLAT = """[
{"id":"r1","_server_id":"s1","text":"a","n":5,"label.responses":["POS","NEG","POS"],
 "label.responses.users":["u1","u2","u3"],
 "label.responses.status":["submitted","discarded","draft"],
 "label.suggestion":"POS","label.suggestion.score":0.9,"label.suggestion.agent":"m"},
{"id":"r2","text":"b","label.responses":null,"label.responses.users":null,
 "label.responses.status":null,"label.suggestion":null}
]"""


def test_the_nested_form_is_read(files):
    base = {"id": "r1", "_server_id": "s1", "n": 5, "text": "خوب بود", "pred": "POS"}
    assert files.read("argilla", NESTED) == [
        base | {"label": "POS", "annotator": "u1"},
        base | {"label": "NEG", "annotator": "u2"},
        {"id": "r2", "text": "b"},
    ]


def test_the_flattened_form_distinguishes_drafts_and_discarded(files):
    base = {"id": "r1", "_server_id": "s1", "n": 5, "text": "a", "pred": "POS"}
    assert files.read("argilla", FLAT) == [
        base | {"label": "POS", "annotator": "u1"},
        base | {"label": None, "annotator": "u2", "reason": "discarded"},
        {"id": "r2", "text": "b"},
    ]


def test_invalid_responses_are_rejected(files):
    with pytest.raises(InputError, match=r"file:2: several labels \(A, B\)"):
        files.read("argilla", NESTED.replace('"value":"NEG"', '"value":["A","B"]'))
    with pytest.raises(InputError, match="file:2: response: expected a string"):
        files.read("argilla", NESTED.replace('"value":"NEG"', '"value":{}'))
    with pytest.raises(InputError, match=r"file:2: .* statuses differ"):
        files.read("argilla", FLAT.replace('["u1","u2","u3"]', '["u1"]'))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"metadata":{"n":5}', '"metadata":1'),
        ('{"value":"POS","score":0.9,"agent":"m"}', "1"),
        ('[{"value":"POS","user_id":"u1"},{"value":"NEG","user_id":"u2"}]', '"x"'),
    ],
)
def test_json_of_unexpected_shape_is_rejected(files, old, new):
    assert old in NESTED
    with pytest.raises(InputError, match="file:2: not an Argilla record"):
        files.read("argilla", NESTED.replace(old, new))


def test_votes_on_the_same_record_are_written_as_one(files):
    votes = [
        {"id": "r1", "text": "a", "label": label, "annotator": who, "n": 1}
        | {"pred": "x", "probs": {"x": 0.75, "y": 0.25}}
        for label, who in (("x", "u1"), ("y", "u2"))
    ]
    assert json.loads(files.write("argilla", votes)) == [
        {
            "id": "r1",
            "fields": {"text": "a"},
            "metadata": {"n": 1},
            "suggestions": {"label": {"value": "x", "score": 0.75}},
            "responses": {
                "label": [
                    {"value": "x", "user_id": "u1"},
                    {"value": "y", "user_id": "u2"},
                ]
            },
            "vectors": {},
        }
    ]
    found = files.read("argilla")
    assert [r["label"] for r in found] == ["x", "y"]


def test_question_and_text_field_are_parameters(files):
    data = NESTED.replace('"label":', '"mood":').replace('"text":', '"review":')
    assert files.read("argilla", data, text="review")[0]["label"] == "POS"
    assert "label" not in files.read("argilla", data, text="review", field="other")[0]
