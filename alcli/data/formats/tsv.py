"""Tab-separated values with a header; otherwise as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common import cells, tables
from alcli.data.formats.common.batch import FileBatch
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.target import Target


def read(
    source: Source,
    *,
    id: str = "id",
    text: str = "text",
    label: str = "label",
    annotator: str = "annotator",
    header: str = "",
    delimiter: str = "\t",
    quote: str = '"',
    encoding: str = "utf-8",
) -> Iterator[FileBatch[Record]]:
    """Yield a record per row.

    id, text, label, annotator: columns of these fields. header: comma-separated columns
    of a file without a header. quote: quote character of cells with delimiters or line
    breaks; none: quotes are literal.
    """
    names = {"id": id, "text": text, "label": label, "annotator": annotator}
    dialect = cells.parse_dialect(delimiter, quote)
    return tables.read(source, names, **dialect, encoding=encoding, header=header)


def write(
    batches: Iterable[Sequence[Record]],
    target: Target,
    *,
    id: str = "id",
    text: str = "text",
    label: str = "label",
    annotator: str = "annotator",
    delimiter: str = "\t",
    quote: str = '"',
    encoding: str = "utf-8",
) -> None:
    """Write a row per record; the columns are the fields of the first 1,000.

    With quote=none, delimiters and line breaks in a cell become spaces.
    """
    names = {"id": id, "text": text, "label": label, "annotator": annotator}
    dialect = cells.parse_dialect(delimiter, quote)
    tables.write(batches, target, names, **dialect, encoding=encoding)


tsv = Format(read, write, needs=frozenset())
