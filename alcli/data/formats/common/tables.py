"""Delimited text tables: CSV, TSV and similar, with optional quotes."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

from alcli.core.errors import BadParameter, InputError
from alcli.core.jsonl import Record
from alcli.data.formats.common.batch import FileBatch, Rejected
from alcli.data.formats.common.cells import cell_text, join_cells
from alcli.data.formats.common.lines import LineBatch
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.stats import ConversionStats
from alcli.data.formats.common.target import Target
from alcli.data.formats.common.texts import encoder

HEAD = 1000  # records from which the columns are taken
_EMPTY_IS_NONE = ("id", "label", "annotator")
_LITERAL_QUOTES = "if quotes are literal, use --set quote=none"
_FOLDED = "rows in which delimiters or line breaks became spaces"
_BLANK = "rows of one empty cell: blank lines, skipped when read"


def read(
    source: Source,
    names: Mapping[str, str],
    *,
    delimiter: str,
    encoding: str,
    header: str = "",
    quote: str = '"',
) -> Iterator[FileBatch[Record]]:
    """Yield a record per row; every column is a field, and every value a string.

    names: field -> column; the column of `text`, and any column named differently from
    its field, is required. delimiter: one character, or several candidates, of which
    the header decides. header: comma-separated columns of a file without a header.
    quote: quote character; "" for none.
    Empty cells of `id`, `label` and `annotator` are left out; the label of a record
    with an annotator is then null.

    Raises:
        InputError: a required column is missing, or a column is repeated.
    """
    csv.field_size_limit(sys.maxsize)  # the default, 128 KB, is too low for texts
    fields = _fields(header.split(","), names, source, 0) if header else []
    for lines in source.lines(encoding):
        if lines.first == 1:
            delimiter = max(delimiter, key=lines.lines[0].count)
        rows = lines.batch(_rows(lines, source, delimiter, quote))
        if not fields and rows.items:
            line, _ = rows.locate(rows.rows[0])
            fields = _fields(rows.items[0], names, source, line)
            rows = rows.without_first()
        if set(map(len, rows.items)) - {len(fields)}:
            rows = rows.map(partial(_check_length, len(fields)))
        yield rows.map_all(partial(_records, fields))


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


def _rows(
    lines: LineBatch, source: Source, delimiter: str, quote: str
) -> list[list[str]]:
    """Return the cells of each row."""
    parsed = partial(csv.reader, delimiter=delimiter, quotechar=quote, strict=True)

    def quoted(start: int, line: str) -> list[str]:
        text = map("{}\n".format, chain([line], lines.after(start)))
        try:
            row = next(parsed(text))
        except csv.Error as error:
            problem = str(error)
            if "unexpected end" in problem:
                problem = "unclosed quote"
            lines.reject(start, f"not CSV: {problem}; {_LITERAL_QUOTES}")
            return []
        if delimiter == "\t" and any("\n" in cell for cell in row):
            source.note(f"rows of several lines, in quotes ({_LITERAL_QUOTES})")
        return row

    mark = quote or "\n"  # not in any line
    if mark in lines.lines[0]:  # fast path: all rows are single lines
        with suppress(csv.Error):
            rows = list(parsed(lines.lines))
            if len(rows) == len(lines.lines):
                return rows
    end = "\r" if lines.text.has_cr else ""
    return [
        quoted(start, line) if mark in line else line.removesuffix(end).split(delimiter)
        for start, line in lines
    ]


def _fields(
    columns: list[str],
    names: Mapping[str, str],
    source: Source,
    line: int,
) -> list[str]:
    """Return the field per column."""
    header = ",".join(columns)
    known = {column: field for field, column in names.items() if column}
    for field, column in names.items():
        needed = column and (field == "text" or column != field)
        if needed and column not in columns:
            raise InputError(
                f'no column "{column}"; the header is: {header[:300]}; '
                f"name it with --set {field}=NAME",
                source=source.name,
                line=line,
            )
    fields = [
        known.get(column, column) or f"column_{number}"
        for number, column in enumerate(columns, 1)
    ]
    twice = [name for name in fields if fields.count(name) > 1]
    if twice:
        raise InputError(
            f'two columns for "{twice[0]}"; the header is: {header[:300]}',
            source=source.name,
            line=line,
        )
    return fields


def write(
    batches: Iterable[Sequence[Record]],
    target: Target,
    names: Mapping[str, str],
    *,
    delimiter: str,
    encoding: str = "utf-8",
    only: Iterable[str] = (),
    quote: str = '"',
) -> None:
    """Write a header, and a row per record.

    names: field -> column. only: fields to write; by default those of the first `HEAD`
    records, and later fields are lost. Objects and lists are written as JSON. Without a
    `quote`, delimiters and line breaks in a cell become spaces, and such rows are
    counted.

    Raises:
        BadParameter: the delimiter is a space and there is no quote, or the encoding is
            unknown or lacks a character.
    """
    if not quote and delimiter == " ":
        raise BadParameter("quote=none: expected a delimiter that is not a space")
    head, batches = _head(batches)
    if not head:
        return
    fields = list(only or dict.fromkeys(chain.from_iterable(head[:HEAD])))
    known = frozenset(fields)
    header = [names.get(field, "") or field for field in fields]
    encode = encoder(encoding)
    target.write(encode(join_cells(header, delimiter, quote) + "\n"))
    for batch in chain([head], batches):
        if not only:
            target.stats.count_lost_fields(batch, known)
        lines = _lines(_cells(batch, fields), delimiter, quote, target.stats)
        target.write(encode(lines))


def _head(
    batches: Iterable[Sequence[Record]],
) -> tuple[list[Record], Iterator[Sequence[Record]]]:
    """Return at least `HEAD` records, if there are, and the remaining batches."""
    batches = iter(batches)
    head: list[Record] = []
    for batch in batches:
        head += batch
        if len(head) >= HEAD:
            break
    return head, batches


def _cells(records: Sequence[Record], fields: list[str]) -> list[Sequence[Any]]:
    """Return the values of each record, not yet converted to strings."""
    if len(fields) > 1:
        try:
            return list(map(itemgetter(*fields), records))
        except KeyError:
            pass
    return [[record.get(field) for field in fields] for record in records]


def _lines(
    rows: list[Sequence[Any]], delimiter: str, quote: str, stats: ConversionStats
) -> str:
    """Return the lines of the rows as one string."""
    try:
        lines = list(map(delimiter.join, rows))
    except TypeError:
        rows = [[c if type(c) is str else cell_text(c) for c in row] for row in rows]
        lines = list(map(delimiter.join, rows))
    parts = len(rows[0]) - 1
    text = "\n".join(lines) + "\n"
    mark = quote or "\n"
    if (
        parts
        and text.count(delimiter) == parts * len(lines)
        and text.count("\n") == len(lines)
        and not (quote and quote in text)
        and "\r" not in text
    ):
        return text
    for at, line in enumerate(lines):
        if (
            not line
            or mark in line
            or "\n" in line
            or "\r" in line
            or line.count(delimiter) != parts
        ):
            lines[at] = join_cells(rows[at], delimiter, quote) if line else quote * 2
            if not quote:
                stats.notes[_FOLDED if line else _BLANK] += 1
    return "\n".join(lines) + "\n"
