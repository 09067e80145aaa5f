"""crowd-kit's votes: `task,worker,label` in CSV or TSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common import cells, tables
from alcli.data.formats.common.batch import FileBatch, Rejected
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.target import Target

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
) -> Iterator[FileBatch[Record]]:
    """Yield a vote per row; the header decides between commas and tabs.

    task, worker, label: column names. header: comma-separated columns of a file without
    a header. quote: as for CSV. An empty label is null.
    """
    names = {"id": task, "text": "", "annotator": worker, "label": label}
    rows = tables.read(
        source,
        names,
        delimiter=",\t",
        quote=cells.parse_quote(quote),
        encoding=encoding,
        header=header,
    )
    for batch in rows:
        yield batch.map(_vote)


def _vote(record: Record) -> Record:
    if "id" not in record or "annotator" not in record:
        raise Rejected("a vote requires a task and a worker")
    record.setdefault("label", None)
    return record


def write(
    batches: Iterable[Sequence[Record]],
    target: Target,
    *,
    task: str = "task",
    worker: str = "worker",
    label: str = "label",
    delimiter: str = ",",
) -> None:
    """Write a row per vote."""
    names = {"id": task, "annotator": worker, "label": label}
    delimiter = cells.parse_delimiter(delimiter)
    tables.write(batches, target, names, delimiter=delimiter, only=VOTE)


crowd = Format(read, write, keeps=frozenset(VOTE), needs=frozenset({"id", "annotator"}))
