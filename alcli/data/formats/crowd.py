"""crowd-kit's votes: `task,worker,label` in CSV or TSV."""

from __future__ import annotations

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common.batch import Rejected
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.table import Table, parse_delimiter, parse_quote
from alcli.data.formats.common.table_reader import read_table
from alcli.data.formats.common.table_writer import write_table
from alcli.data.formats.common.target import RecordLists, Target

VOTE = ("id", "annotator", "label")


def read(
    source: Source,
    *,
    task: str = "task",
    worker: str = "worker",
    label: str = "label",
    header: str = "",
    quote: str = '"',
    encoding: str = "utf-8",
) -> RecordBatches:
    """Yield a vote per row; the header decides between commas and tabs.

    task, worker, label: column names. header: comma-separated columns of a file without
    a header. quote: as for CSV. An empty label is null.
    """
    names = {"id": task, "annotator": worker, "label": label}
    table = Table(names, ",\t", parse_quote(quote), encoding)
    for batch in read_table(source, table, header):
        yield batch.map(_vote)


def _vote(record: Record) -> Record:
    if "id" not in record or "annotator" not in record:
        raise Rejected("a vote requires a task and a worker")
    record.setdefault("label", None)
    return record


def write(
    batches: RecordLists,
    target: Target,
    *,
    task: str = "task",
    worker: str = "worker",
    label: str = "label",
    delimiter: str = ",",
) -> None:
    """Write a row per vote."""
    names = {"id": task, "annotator": worker, "label": label}
    table = Table(names, parse_delimiter(delimiter))
    write_table(batches, target, table, only=VOTE)


crowd = Format(read, write, keeps=frozenset(VOTE), needs=frozenset({"id", "annotator"}))
