"""Label Studio's JSON (tasks, annotations, predictions); reads JSON_MIN, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common.batch import Batch, NoRecord
from alcli.data.formats.common.conversion import MISSHAPEN, several
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.target import Target
from alcli.data.formats.common.vote_groups import OF_A_VOTE, items

_OF_A_ROW = ("annotation_id", "agreement")  # of JSON_MIN, beside what we take


def read(
    source: Source, *, field: str = "", text: str = "text"
) -> Iterator[Batch[Record]]:
    """Yield a record per annotation; a task without one is a record without `label`.

    field: the control (`from_name`) with the choices; without it, the only one.
    text: the key of the task's data that holds the text. Label Studio's own task id
    is taken only where `data` has neither `alcli_id` nor `id`.
    """

    def votes(task: Record) -> list[Record]:
        try:
            data = task.get("data")
            if not isinstance(data, dict):
                return [_with_text(_row(task, field), text)]
            found = _votes(task, data, field, source)
            return [_with_text(record, text) for record in found]
        except MISSHAPEN as problem:
            raise NoRecord(f"not as Label Studio writes it: {problem}") from problem

    for batch in source.objects():
        yield batch.each(votes).flat()


def _with_text(record: Record, text: str) -> Record:
    if "text" not in record and text in record:
        record["text"] = record.pop(text)
    if "text" not in record:
        have = ", ".join(record)
        raise NoRecord(f'no "{text}" in the data, but: {have}; say --set text=NAME')
    return record


def _votes(task: Record, data: Record, field: str, source: Source) -> list[Record]:
    """Return the records of a task of the full export."""
    base = {**data, "id": data.get("alcli_id", data.get("id", task.get("id")))}
    base.pop("alcli_id", None)
    if base["id"] is None:
        del base["id"]
    predictions = task.get("predictions") or []
    if predictions and isinstance(predictions[0], dict) and "pred" not in base:
        guess = _choice(predictions[0], field)
        base |= {"pred": guess} if guess else {}
    annotations = task.get("annotations") or []
    if not all(isinstance(each, dict) for each in annotations):
        raise NoRecord('"annotations": a list of objects is expected')
    if not annotations:
        source.note("tasks without annotations: no label")
        return [base]
    return [_vote(base, annotation, field, source) for annotation in annotations]


def _vote(base: Record, annotation: Record, field: str, source: Source) -> Record:
    record = {**base, "label": None}
    if annotation.get("was_cancelled"):  # whatever was chosen before
        record["reason"] = "skipped"
        source.note("skipped: no label")
    elif (label := _choice(annotation, field)) is None:
        source.note("submitted without a choice: no label")
    else:
        record["label"] = label
    return record | _who_and_when(annotation, annotation.get("completed_by"))


def _who_and_when(found: Record, annotator: Any) -> Record:
    if isinstance(annotator, dict):
        annotator = annotator.get("email") or annotator.get("id")
    time, seconds = found.get("updated_at") or found.get("created_at"), "lead_time"
    fields = {
        "annotator": None if annotator is None else str(annotator),
        "time": time,
        "seconds": found.get(seconds),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _choice(answer: Record, field: str) -> str | None:
    """Return the choice in the results of an annotation or a prediction."""
    results = [
        result
        for result in answer.get("result") or []
        if isinstance(result, dict) and result.get("type") == "choices"
    ]
    names = sorted({str(result.get("from_name")) for result in results})
    if len(names) > 1 and not field:
        raise NoRecord(f"choices of {', '.join(names)}: say --set field=NAME")
    chosen = [
        choice
        for result in results
        if not field or result.get("from_name") == field
        for choice in (result.get("value") or {}).get("choices") or []
    ]
    if len(chosen) > 1:
        raise NoRecord(several(chosen))
    return str(chosen[0]) if chosen else None


def _row(row: Record, field: str) -> Record:
    """Return the record of a row of JSON_MIN."""
    name = field or _field_of(row)
    label = row.pop(name, None)
    if isinstance(label, dict) and isinstance(label.get("choices"), list):
        raise NoRecord(several(label["choices"]))
    vote = _who_and_when(row, row.pop("annotator", None))
    vote["seconds"] = row.pop("lead_time", None)
    for known in (*_OF_A_ROW, "created_at", "updated_at"):
        row.pop(known, None)
    if "alcli_id" in row:
        row["id"] = row.pop("alcli_id")
    if label is not None or "annotator" in vote:
        vote["label"] = label
    return row | {k: v for k, v in vote.items() if v is not None or k == "label"}


def _field_of(row: Record) -> str:
    """Return the name of the control: it stands between `id` and `annotator`."""
    names = list(row)
    if "id" in row and "annotator" in row:
        found = names[names.index("id") + 1 : names.index("annotator")]
        if len(found) == 1:
            return found[0]
        if found and "label" not in found:
            have = ", ".join(found)
            raise NoRecord(f"the choices may be in {have}: say --set field=NAME")
    return "label"


def write(
    batches: Iterable[Sequence[Record]],
    target: Target,
    *,
    field: str = "label",
    text: str = "text",
) -> None:
    """Write a task per record, or per several votes on it that stand together.

    field: the control (`from_name`) of the project. An annotator that is no number
    is written as an e-mail, which Label Studio must know.
    """
    target.json_array(
        _task(votes, field, text, target) for votes in items(batches, target)
    )


def _task(votes: list[Record], field: str, text: str, target: Target) -> Record:
    first = votes[0]
    for vote in votes:
        if "reason" in vote and vote.get("label") is not None:  # else it was skipped
            target.lose("reason")
    annotations = [_annotation(vote, field, text) for vote in votes if "label" in vote]
    apart = ("id", "text", *(OF_A_VOTE if annotations else ()))
    data = {text: first["text"]} | {k: v for k, v in first.items() if k not in apart}
    if "id" in first:  # JSON_MIN puts the choices behind it
        data |= {"alcli_id": first["id"], "id": first["id"]}
    task: Record = {"data": data}
    if annotations:
        task["annotations"] = annotations
    if "pred" in first:
        probs = first.get("probs")
        score = probs.get(first["pred"]) if isinstance(probs, dict) else None
        prediction = {"result": _result(first["pred"], field, text)}
        task["predictions"] = [prediction | ({} if score is None else {"score": score})]
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
    return [
        {
            "from_name": field,
            "to_name": text,
            "type": "choices",
            "value": {"choices": [choice]},
        }
    ]


label_studio = Format(read, write)
