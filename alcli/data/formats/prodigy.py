"""Prodigy's JSON Lines (`db-out`, `db-in`), binary or choice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common.batch import Rejected, multi_label_error
from alcli.data.formats.common.format import Check
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.target import RecordLists, Target


def read(source: Source, *, reject_as: str = "") -> RecordBatches:
    """Yield a record per task; a task with answer `ignore` is a vote without a label.

    reject_as: with two classes, the label of a task whose other label was rejected. By
    default a rejected label is kept in `rejected`, and the vote has no label, since the
    answer excludes only one class. A task without `answer` counts as accepted, as in
    `db-in`.
    """

    def record(row: Record) -> Record:
        answer = row.pop("answer", "accept")
        if answer != "accept" or "accept" in row:
            _take_answer(row, answer, reject_as, source)
        if "meta" in row:
            _take_id(row)
        if "_session_id" in row or "_annotator_id" in row:
            _take_annotator(row)
        if "_timestamp" in row:
            _take_time(row)
        return row

    for batch in source.objects():
        yield batch.map(record)


def _take_answer(row: Record, answer: Any, reject_as: str, source: Source) -> None:
    if answer not in ("accept", "reject", "ignore"):
        raise Rejected('"answer": expected accept, reject or ignore')
    is_choice = "accept" in row
    if is_choice:
        options = row.pop("accept")
        if not isinstance(options, list):
            raise Rejected('"accept": expected a list of options')
        if len(options) > 1:
            raise Rejected(multi_label_error(options))
        row["label"] = str(options[0]) if options else None
    if answer == "ignore":
        row["label"] = None
        source.note("ignored: no label")
    elif answer == "reject" and is_choice:  # rejects the task, not the choice
        row["label"] = None
        source.note("rejected tasks: no label")
    elif answer == "reject" and reject_as and row.get("label") not in (None, reject_as):
        row["label"] = reject_as
    elif answer == "reject":
        row["label"], row["rejected"] = None, row.get("label")
        remedy = "" if reject_as else " (for two classes, use --set reject-as=LABEL)"
        source.note(f"rejected labels: no label{remedy}")


def _take_id(row: Record) -> None:
    """Move alcli's `id` from `meta`, where Prodigy displays it, to the record."""
    meta = row["meta"]
    if isinstance(meta, dict) and "id" in meta:
        if row.setdefault("id", meta["id"]) != meta["id"]:
            return
        del meta["id"]
        if not meta:
            del row["meta"]


def _take_annotator(row: Record) -> None:
    session, annotator = row.get("_session_id"), row.get("_annotator_id")
    name = session if annotator is None else annotator
    if name is not None:
        row["annotator"] = name
        if annotator is not None:
            del row["_annotator_id"]
        if session == name:
            del row["_session_id"]


def _take_time(row: Record) -> None:
    seconds = row["_timestamp"]
    if type(seconds) in (int, float):
        try:
            time = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError):
            return  # not a time: unchanged
        row["time"] = msgspec.to_builtins(time)
        del row["_timestamp"]


def check(*, options: str = "") -> Check | None:
    """Return a Check of records: a label must be among the options."""
    known = {None, *options.split(",")}

    def record_error(record: Record) -> str:
        label = record.get("label")
        if label in known:
            return ""
        return f'label "{label}" is not among the options: {options}'

    return record_error if options else None


def write(batches: RecordLists, target: Target, *, options: str = "") -> None:
    """Write a task per record; a record without `label` becomes an unanswered task.

    options: comma-separated classes of choice tasks. By default, tasks are binary:
    accepted, ignored or rejected.
    """
    choices = [{"id": name, "text": name} for name in options.split(",") if name]

    def task(record: Record) -> Record:
        if choices:
            record["options"] = choices
        if "label" in record:
            _put_answer(record)
        if "id" in record:
            if "meta" not in record:
                record["meta"] = {"id": record["id"]}
            elif isinstance(record["meta"], dict):
                record["meta"] = {**record["meta"], "id": record["id"]}
        if "annotator" in record:
            record["_annotator_id"] = name = record.pop("annotator")
            record.setdefault("_session_id", name)
        if "time" in record:
            _put_time(record)
        return record

    for records in batches:
        target.json_lines(list(map(task, records)))


def _put_answer(record: Record) -> None:
    label = record["label"]
    if label is None and "rejected" in record:
        record["label"], record["answer"] = record.pop("rejected"), "reject"
        return
    if "options" in record:
        del record["label"]
        record["accept"] = [] if label is None else [label]
    elif label is None:
        del record["label"]
    record["answer"] = "ignore" if label is None else "accept"


def _put_time(record: Record) -> None:
    try:
        time = datetime.fromisoformat(record["time"])
    except (TypeError, ValueError):
        return  # not a time: unchanged
    if time.tzinfo is None:  # UTC: the output must not depend on the machine's zone
        time = time.replace(tzinfo=UTC)
    seconds = time.timestamp()
    record["_timestamp"] = int(seconds) if seconds.is_integer() else seconds
    del record["time"]


prodigy = Format(read, write, check=check)
