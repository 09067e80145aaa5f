"""CSV with a header; further columns become string fields."""

from __future__ import annotations

from dataclasses import dataclass

from alcli.data.formats import Format
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.table import Table
from alcli.data.formats.common.table_reader import read_table
from alcli.data.formats.common.table_writer import write_table
from alcli.data.formats.common.target import RecordLists, Target


@dataclass(frozen=True)
class CsvSettings:
    """Columns and characters of a CSV file.

    id, text, label, annotator: columns of these fields. quote: quote character of cells
    with delimiters or line breaks; none: quotes are literal.
    """

    id: str = "id"
    text: str = "text"
    label: str = "label"
    annotator: str = "annotator"
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"

    def table(self) -> Table:
        """Return the layout of the table."""
        names = {name: getattr(self, name) for name in FIELDS}
        return Table.parse(names, self.delimiter, self.quote, self.encoding)


FIELDS = ("id", "text", "label", "annotator")


def read(source: Source, settings: CsvSettings, *, header: str = "") -> RecordBatches:
    """Yield a record per row.

    header: comma-separated columns of a file without a header.
    """
    return read_table(source, settings.table(), header)


def write(batches: RecordLists, target: Target, settings: CsvSettings) -> None:
    """Write a row per record; the columns are the fields of the first 1,000.

    With quote=none, delimiters and line breaks in a cell become spaces.
    """
    write_table(batches, target, settings.table())


csv = Format(read, write, needs=frozenset(), settings=CsvSettings)
