"""CSV with a header; every other column is kept as a field of strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alcli.core.jsonl import Record
from alcli.exchange import tables
from alcli.exchange.source import Source
from alcli.exchange.target import Target
from alcli.formats import Format


def read(
    source: Source,
    *,
    id: str = "id",
    text: str = "text",
    label: str = "label",
    annotator: str = "annotator",
    header: str = "",
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Iterator[Record]:
    """Yield a record per row.

    id, text, label, annotator: the columns that have them. header: the columns,
    parted by commas, of a file without a header.
    """
    names = {"id": id, "text": text, "label": label, "annotator": annotator}
    delimiter = tables.character(delimiter)
    return tables.read(
        source, names, delimiter=delimiter, encoding=encoding, header=header
    )


def write(
    records: Iterable[Record],
    target: Target,
    *,
    id: str = "id",
    text: str = "text",
    label: str = "label",
    annotator: str = "annotator",
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> None:
    """Write a row per record; the columns are the fields of the first 1,000."""
    names = {"id": id, "text": text, "label": label, "annotator": annotator}
    delimiter = tables.character(delimiter)
    tables.write(records, target, names, delimiter=delimiter, encoding=encoding)


csv = Format(read, write, needs=frozenset())
