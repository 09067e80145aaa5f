"""Label Studio's layouts: the full export, JSON_MIN, and tasks to import."""

import json

import pytest

from alcli.core.errors import InputError

RESULT = """[{"id":"Dx_aB91ISN","from_name":"sentiment","to_name":"text",\
"type":"choices","origin":"manual","value":{"choices":["POS"]}}]"""
EXPORT = f"""[{{
  "id": 17, "data": {{"text": "خوب بود", "alcli_id": "r1", "id": "x", "n": 5}},
  "project": 3, "created_at": "2024-01-01T10:00:00Z",
  "annotations": [
    {{"id": 1, "completed_by": 4, "result": {RESULT}, "was_cancelled": false,
      "ground_truth": false, "created_at": "2024-01-01T10:00:00.5Z",
      "updated_at": "2024-01-02T10:00:00.5Z", "lead_time": 12.5, "task": 17}},
    {{"id": 2, "completed_by": {{"id": 5, "email": "a@b.c"}}, "result": {RESULT},
      "was_cancelled": true}},
    {{"id": 3, "completed_by": 6, "result": []}}
  ],
  "predictions": [{{"model_version": "m", "score": 0.8, "result": {RESULT}}}]
}}, {{"id": 18, "data": {{"text": "b", "id": "r2"}}, "annotations": []}},
{{"id": 19, "data": {{"text": "c"}}}}
]"""
MIN = """[
{"text":"a","alcli_id":"r1","id":17,"sentiment":"POS","annotator":4,"annotation_id":1,\
"created_at":"2024-01-01T10:00:00Z","updated_at":"2024-01-02T10:00:00Z","lead_time":2.5},
{"text":"a","alcli_id":"r1","id":17,"annotator":"a@b.c","annotation_id":2,\
"created_at":"2024-01-01T10:00:00Z","updated_at":"2024-01-01T10:00:00Z","lead_time":1},
{"text":"b","alcli_id":"r2","id":18,"annotator":null,"annotation_id":null}
]"""


def test_the_full_export_is_read(files):
    base = {"id": "r1", "text": "خوب بود", "n": 5, "pred": "POS"}
    assert files.read("label-studio", EXPORT) == [
        base
        | {"label": "POS", "annotator": "4", "seconds": 12.5}
        | {"time": "2024-01-02T10:00:00.5Z"},
        base | {"label": None, "reason": "skipped", "annotator": "a@b.c"},
        base | {"label": None, "annotator": "6"},
        {"id": "r2", "text": "b"},
        {"id": 19, "text": "c"},
    ]


def test_json_min_is_read(files):
    assert files.read("label-studio", MIN) == [
        {"text": "a", "id": "r1", "label": "POS", "annotator": "4"}
        | {"time": "2024-01-02T10:00:00Z", "seconds": 2.5},
        {"text": "a", "id": "r1", "label": None, "annotator": "a@b.c"}
        | {"time": "2024-01-01T10:00:00Z", "seconds": 1},
        {"text": "b", "id": "r2"},
    ]


def test_the_control_of_json_min_is_a_parameter(files):
    data = MIN.replace('"sentiment":"POS"', '"topic":"FOOD","sentiment":"POS"')
    with pytest.raises(InputError, match=r"controls \(topic, sentiment\); choose with"):
        files.read("label-studio", data)
    found = files.read("label-studio", data, field="sentiment")
    assert (found[0]["label"], found[0]["topic"]) == ("POS", "FOOD")


def test_several_choices_are_rejected(files):
    several = MIN.replace('"POS"', '{"choices":["A","B"]}')
    with pytest.raises(InputError, match=r"file:2: several labels \(A, B\)"):
        files.read("label-studio", several)
    with pytest.raises(InputError, match=r"file:1: several labels \(POS, A\)"):
        files.read("label-studio", EXPORT.replace('["POS"]', '["POS","A"]'))


def test_choices_of_skipped_tasks_are_ignored(files):
    head, skipped = EXPORT.split('"id": 2,')
    odd = skipped.replace('["POS"]', '["POS","A"]', 1)
    found = files.read("label-studio", head + '"id": 2,' + odd)
    assert found == files.read("label-studio", EXPORT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"annotations": []', '"annotations": 1'),
        ('"annotations": []', '"predictions": {"a": 1}'),
        ('"annotations": []', '"annotations": [{"result": 1}]'),
        (RESULT, RESULT.replace('{"choices":["POS"]}', "1")),
        ('["POS"]', "1"),
    ],
)
def test_json_of_unexpected_shape_is_rejected(files, old, new):
    with pytest.raises(InputError, match=r"file:\d+: not a Label Studio task"):
        files.read("label-studio", EXPORT.replace(old, new))


def test_the_key_of_the_text_is_a_parameter(files):
    data = EXPORT.replace('"text":', '"review":')
    assert files.read("label-studio", data, text="review")[0]["text"] == "خوب بود"


def test_votes_and_predictions_are_written(files):
    vote = {"id": "r1", "text": "a", "label": "x", "annotator": "4", "seconds": 2}
    vote |= {"pred": "x", "probs": {"x": 0.75, "y": 0.25}, "n": 1}
    result = {"from_name": "mood", "to_name": "text", "type": "choices"}
    result = [result | {"value": {"choices": ["x"]}}]
    data = {"text": "a", "pred": "x", "probs": vote["probs"], "n": 1}
    assert json.loads(files.write("label-studio", [vote], field="mood")) == [
        {
            "data": data | {"alcli_id": "r1", "id": "r1"},
            "annotations": [
                {
                    "result": result,
                    "was_cancelled": False,
                    "completed_by": 4,
                    "lead_time": 2,
                }
            ],
            "predictions": [{"result": result, "score": 0.75}],
        }
    ]
    assert files.read("label-studio") == [vote]


def test_different_texts_with_the_same_id_are_different_tasks(files):
    votes = [{"id": 1, "text": text, "label": "x", "annotator": "b"} for text in "ac"]
    assert len(json.loads(files.write("label-studio", votes))) == 2


def test_votes_on_the_same_record_are_written_as_one_task(files):
    votes = [
        {"id": 1, "text": "a", "label": "x", "annotator": "b"},
        {"id": 1, "text": "a", "label": None, "annotator": "c", "reason": "skipped"},
        {"id": 2, "text": "a", "label": "x", "annotator": "b"},
    ]
    tasks = json.loads(files.write("label-studio", votes))
    assert [len(task["annotations"]) for task in tasks] == [2, 1]
    assert tasks[0]["annotations"][1]["was_cancelled"] is True
    assert files.read("label-studio") == votes
