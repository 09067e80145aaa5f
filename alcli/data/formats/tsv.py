"""Tab-separated values with a header; else as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common import cells, tables
from alcli.data.formats.common.batch import Batch
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
) -> Iterator[Batch[Record]]:
    """Yield a record per row.

    id, text, label, annotator: the columns that have them. header: the columns,
    parted by commas, of a file without a header. quote: what stands around a cell
    with delimiters or line breaks; none: quotes are letters.
    """
    names = {"id": id, "text": text, "label": label, "annotator": annotator}
    marks = cells.marks(delimiter, quote)
    return tables.read(source, names, **marks, encoding=encoding, header=header)


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
    marks = cells.marks(delimiter, quote)
    tables.write(batches, target, names, **marks, encoding=encoding)


tsv = Format(read, write, needs=frozenset())
