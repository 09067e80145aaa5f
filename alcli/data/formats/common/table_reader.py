"""Reader of delimited text tables: CSV, TSV and similar, with optional quotes."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain

from alcli.core.errors import InputError
from alcli.core.jsonl import Record
from alcli.data.formats.common.batch import Rejected
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.table import LITERAL_QUOTES, Table

_EMPTY_IS_NONE = ("id", "label", "annotator")


def read_table(source: Source, table: Table, header: str = "") -> RecordBatches:
    """Yield a record per row; every column is a field, and every value a string.

    header: comma-separated columns of a file without a header. Empty cells of `id`,
    `label` and `annotator` are left out; the label of a record with an annotator is
    then null.

    Raises:
        InputError: a required column is missing, or a column is repeated.
    """
    csv.field_size_limit(sys.maxsize)  # the default, 128 KB, is too low for texts
    fields = _fields(header.split(","), table, source, 0) if header else []
    parser = _RowParser(source, table)
    for texts in source.lines(table.encoding, parser.group):
        if parser.errors:
            texts = texts.map(parser.check)
        rows = texts.map_all(parser.split)
        if not fields and rows.items:
            line, _ = rows.locate(rows.rows[0])
            fields = _fields(rows.items[0], table, source, line)
            rows = rows.without_first()
        if set(map(len, rows.items)) - {len(fields)}:
            rows = rows.map(partial(_check_length, len(fields)))
        yield rows.map_all(partial(_records, fields))


class _RowParser:
    """Parser of the rows of a table, batch by batch.

    Only lines with quotes go through the csv module: `str.split` is twice as fast.

    parsed, errors: cells and error message of each text with quotes in the batch.
    """

    def __init__(self, source: Source, table: Table) -> None:
        self.source, self.quote = source, table.quote
        self.delimiter = table.delimiter
        self.parsed: dict[str, list[str]] = {}
        self.errors: dict[str, str] = {}

    def group(self, lines: list[str], rest: Iterator[str]) -> list[str]:
        """Return the text of each row; only a row with quotes has several lines."""
        if len(self.delimiter) > 1:
            self.delimiter = max(self.delimiter, key=lines[0].count)
        self.parsed, self.errors = {}, {}
        quote = self.quote
        if not quote:
            return lines
        if quote in lines[0]:  # fast path: all rows are single lines
            with suppress(csv.Error):
                rows = list(self._reader(lines))
                if len(rows) == len(lines):
                    self.parsed = dict(zip(lines, rows, strict=True))
                    return lines
        left = iter(lines)
        following = chain(left, rest)
        return [self._row(x, following) if quote in x else x for x in left]

    def _row(self, line: str, following: Iterator[str]) -> str:
        """Parse a row with quotes, and return its text."""
        taken = []

        def feed() -> Iterator[str]:
            for each in chain([line], following):
                taken.append(each)
                yield each + "\n"

        row, error = [], ""
        try:
            row = next(self._reader(feed()))
        except csv.Error as problem:
            unclosed = "unexpected end" in str(problem)
            error = "unclosed quote" if unclosed else str(problem)
        text = "\n".join(taken)
        self.parsed[text] = row
        if error:
            self.errors[text] = f"not CSV: {error}; {LITERAL_QUOTES}"
        elif self.delimiter == "\t" and len(taken) > 1:
            self.source.note(f"rows of several lines, in quotes ({LITERAL_QUOTES})")
        return text

    def _reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(
            lines, delimiter=self.delimiter, quotechar=self.quote, strict=True
        )

    def check(self, text: str) -> str:
        """Return the text of a row, if it could be parsed."""
        if text in self.errors:
            raise Rejected(self.errors[text])
        return text

    def split(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the cells of each row."""
        mark, delimiter = self.quote or "\n", self.delimiter
        parsed = self.parsed
        return [
            parsed[x] if mark in x else x.removesuffix("\r").split(delimiter)
            for x in texts
        ]


def _check_length(n: int, row: list[str]) -> list[str]:
    if len(row) != n:
        raise Rejected(f"{len(row)} fields, but the header has {n}")
    return row


def _records(fields: list[str], rows: Sequence[list[str]]) -> list[Record]:
    """Return a record per row; filled by columns, which is twice as fast as by rows."""
    empty: Record = dict.fromkeys(fields, "")
    records = [empty.copy() for _ in rows]
    gaps = []
    for field, column in zip(fields, zip(*rows, strict=True), strict=bool(rows)):
        for record, cell in zip(records, column, strict=True):
            record[field] = cell
        if field in _EMPTY_IS_NONE and "" in column:
            gaps.append(field)
    if gaps:
        for record in records:
            for field in gaps:
                if not record[field]:
                    del record[field]
            if "annotator" in record and "label" in fields:
                record.setdefault("label", None)
    return records


def _fields(columns: list[str], table: Table, source: Source, line: int) -> list[str]:
    """Return the field per column."""

    def error(problem: str, remedy: str = "") -> InputError:
        what = f"{problem}; the header is: {','.join(columns)[:300]}{remedy}"
        return InputError(what, source=source.name, line=line)

    for field, column in table.names.items():
        required = column and (field == "text" or column != field)
        if required and column not in columns:
            remedy = f"; name it with --set {field}=NAME"
            raise error(f'no column "{column}"', remedy)
    known = {column: field for field, column in table.names.items() if column}
    fields = [
        known.get(column, column) or f"column_{number}"
        for number, column in enumerate(columns, 1)
    ]
    for name in fields:
        if fields.count(name) > 1:
            raise error(f'two columns for "{name}"')
    return fields
