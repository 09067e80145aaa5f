"""Label Studio's JSON of annotated tasks; reads JSON_MIN, too."""

from __future__ import annotations

from typing import Any

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common.batch import Rejected, multi_label_error, only_name
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.target import RecordLists, Target
from alcli.data.formats.common.vote_groups import (
    PER_VOTE_FIELDS,
    group_votes,
    pred_score,
)

# fields of a vote in JSON_MIN, read or ignored
_VOTE_KEYS = ("annotation_id", "agreement", "created_at", "updated_at", "lead_time")


def read(source: Source, *, field: str = "", text: str = "text") -> RecordBatches:
    """Yield a record per annotation; a task without annotations has no `label`.

    field: control (`from_name`) with the choices; by default the only one. text: key of
    the text in the task's data. The record's id is `alcli_id` or `id` of the data, else
    the id of the task.
    """

    def votes(task: Record) -> list[Record]:
        full = isinstance(task.get("data"), dict)
        found = _votes(task, field, source) if full else [_row(task, field)]
        return [_with_text(record, text) for record in found]

    for batch in source.objects():
        yield batch.map(votes, shape="a Label Studio task").flatten()


def _with_text(record: Record, text: str) -> Record:
    if "text" not in record and text in record:
        record["text"] = record.pop(text)
    if "text" not in record:
        have = ", ".join(record)
        raise Rejected(
            f'no "{text}" in the data; the keys are: {have}; '
            "name it with --set text=NAME"
        )
    return record


def _votes(task: Record, field: str, source: Source) -> list[Record]:
    """Return the records of a task of the full export."""
    base = dict(task["data"])
    base["id"] = base.pop("alcli_id", base.get("id", task.get("id")))
    if base["id"] is None:
        del base["id"]
    predictions = task.get("predictions") or []
    if predictions and isinstance(predictions[0], dict) and "pred" not in base:
        guess = _choice(predictions[0], field)
        base |= {"pred": guess} if guess else {}
    annotations = task.get("annotations") or []
    if not all(isinstance(each, dict) for each in annotations):
        raise Rejected('"annotations": expected a list of objects')
    if not annotations:
        source.note("tasks without annotations: no label")
        return [base]
    return [_vote(base, annotation, field, source) for annotation in annotations]


def _vote(base: Record, annotation: Record, field: str, source: Source) -> Record:
    record = {**base, "label": None}
    if annotation.get("was_cancelled"):  # a choice made before skipping does not count
        record["reason"] = "skipped"
        source.note("skipped: no label")
    elif (label := _choice(annotation, field)) is None:
        source.note("submitted without a choice: no label")
    else:
        record["label"] = label
    return record | _annotator_and_time(annotation, annotation.get("completed_by"))


def _annotator_and_time(found: Record, annotator: Any) -> Record:
    if isinstance(annotator, dict):
        annotator = annotator.get("email") or annotator.get("id")
    fields = {
        "annotator": None if annotator is None else str(annotator),
        "time": found.get("updated_at") or found.get("created_at"),
        "seconds": found.get("lead_time"),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _choice(answer: Record, field: str) -> str | None:
    """Return the choice of an annotation or prediction, or None.

    Raises:
        Rejected: several choices, or choices of several controls.
    """
    results = [
        result
        for result in answer.get("result") or []
        if isinstance(result, dict) and result.get("type") == "choices"
    ]
    if not field:
        only_name((str(result.get("from_name")) for result in results), "controls")
    chosen = [
        choice
        for result in results
        if not field or result.get("from_name") == field
        for choice in (result.get("value") or {}).get("choices") or []
    ]
    if len(chosen) > 1:
        raise Rejected(multi_label_error(chosen))
    return str(chosen[0]) if chosen else None


def _row(row: Record, field: str) -> Record:
    """Return the record of a row of JSON_MIN."""
    name = field or _field_of(row)
    label = row.pop(name, None)
    if isinstance(label, dict) and isinstance(label.get("choices"), list):
        raise Rejected(multi_label_error(label["choices"]))
    vote = _annotator_and_time(row, row.pop("annotator", None))
    for known in _VOTE_KEYS:
        row.pop(known, None)
    if "alcli_id" in row:
        row["id"] = row.pop("alcli_id")
    if label is not None or "annotator" in vote:
        vote["label"] = label
    return row | vote


def _field_of(row: Record) -> str:
    """Return the name of the control: the key between `id` and `annotator`."""
    names = list(row)
    if "id" not in row or "annotator" not in row:
        return "label"
    found = names[names.index("id") + 1 : names.index("annotator")]
    if len(found) > 1 and "label" in found:
        return "label"
    return only_name(found, "possible controls") or "label"


def write(
    batches: RecordLists, target: Target, *, field: str = "label", text: str = "text"
) -> None:
    """Write a task per record, or per group of consecutive votes on it.

    field: control (`from_name`) of the project. text: key of the text in the data. A
    numeric annotator is written as a user id; any other as an e-mail address, which
    must belong to a user of Label Studio.
    """
    target.json_array(
        _task(votes, field, text, target) for votes in group_votes(batches, target)
    )


def _task(votes: list[Record], field: str, text: str, target: Target) -> Record:
    first = votes[0]
    for vote in votes:
        # a vote without a label is written as skipped, which is its reason
        if "reason" in vote and vote.get("label") is not None:
            target.count_lost("reason")
    annotations = [_annotation(vote, field, text) for vote in votes if "label" in vote]
    apart = ("id", "text", *(PER_VOTE_FIELDS if annotations else ()))
    data = {text: first["text"]} | {k: v for k, v in first.items() if k not in apart}
    if "id" in first:  # last, because JSON_MIN puts the choices after it
        data |= {"alcli_id": first["id"], "id": first["id"]}
    task: Record = {"data": data}
    if annotations:
        task["annotations"] = annotations
    if "pred" in first:
        prediction: Record = {"result": _result(first["pred"], field, text)}
        if (score := pred_score(first)) is not None:
            prediction["score"] = score
        task["predictions"] = [prediction]
    return task


def _annotation(vote: Record, field: str, text: str) -> Record:
    label = vote["label"]
    found: Record = {"result": [] if label is None else _result(label, field, text)}
    found["was_cancelled"] = label is None
    if "annotator" in vote:
        name = vote["annotator"]
        number = len(name) < 19 and name.isascii() and name.isdigit() and name[0] != "0"
        found["completed_by"] = int(name) if number else {"email": name}
    if "time" in vote:
        found["created_at"] = found["updated_at"] = vote["time"]
    if "seconds" in vote:
        found["lead_time"] = vote["seconds"]
    return found


def _result(choice: str, field: str, text: str) -> list[Record]:
    control = {"from_name": field, "to_name": text, "type": "choices"}
    return [control | {"value": {"choices": [choice]}}]


label_studio = Format(read, write)
