"""Tables of text: CSV and its kin, fields in quotes where they need them."""

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
from alcli.data.formats.common.batch import Batch, NoRecord
from alcli.data.formats.common.cells import cell_of, laid
from alcli.data.formats.common.lines import Lines
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.tally import Tally
from alcli.data.formats.common.target import Target
from alcli.data.formats.common.texts import encoder

HEAD = 1000  # records that tell the columns
_EMPTY_IS_NONE = ("id", "label", "annotator")
_LETTERS = "if quotes are letters here, say --set quote=none"
_FOLDED = "rows in which delimiters or line breaks became spaces"
_BLANK = "rows of one empty cell: blank lines, which are not read back"


def read(
    source: Source,
    names: Mapping[str, str],
    *,
    delimiter: str,
    encoding: str,
    header: str = "",
    quote: str = '"',
) -> Iterator[Batch[Record]]:
    """Yield a record per row; every column is a field, and a string.

    names: field -> column; those of `text`, and of any other name than the field's,
    must be there. delimiter: one character, or several to choose from by the header.
    header: the columns, parted by commas, of a file that does not begin with them.
    quote: what a cell with delimiters or line breaks stands in; "": nothing.
    Empty cells of `id`, `label`, `annotator` are left out; but a vote, which has an
    annotator, has then no label (null).

    Raises:
        InputError: a column that is needed is missing.
    """
    csv.field_size_limit(sys.maxsize)  # its own limit, 128 KB, is for other times
    fields = _fields(header.split(","), names, source, 0) if header else []
    for lines in source.lines(encoding):
        if lines.first == 1:
            delimiter = max(delimiter, key=lines.all[0].count)
        rows = lines.batch(_rows(lines, source, delimiter, quote))
        if not fields and rows.items:
            line, _ = rows.place(rows.rows[0])
            fields = _fields(rows.items[0], names, source, line)
            rows = rows.behind_first()
        if set(map(len, rows.items)) - {len(fields)}:
            rows = rows.each(partial(_whole, len(fields)))
        yield rows.all(partial(_records, fields))


def _whole(n: int, row: list[str]) -> list[str]:
    if len(row) != n:
        raise NoRecord(f"{len(row)} fields, where the header has {n}")
    return row


def _records(fields: list[str], rows: Sequence[list[str]]) -> list[Record]:
    """Return a record per row: column by column, which is twice as fast as by rows."""
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


def _rows(lines: Lines, source: Source, delimiter: str, quote: str) -> list[list[str]]:
    """Return the cells of each row."""
    parsed = partial(csv.reader, delimiter=delimiter, quotechar=quote, strict=True)

    def quoted(place: int, line: str) -> list[str]:
        text = map("{}\n".format, chain([line], lines.after(place)))
        try:
            row = next(parsed(text))
        except csv.Error as error:
            problem = str(error)
            if "unexpected end" in problem:
                problem = "a quotation mark opens here and none closes"
            lines.refuse(place, f"not CSV: {problem}; {_LETTERS}")
            return []
        if delimiter == "\t" and any("\n" in cell for cell in row):
            source.note(f"rows of several lines, in quotes ({_LETTERS})")
        return row

    mark = quote or "\n"  # which is in no line
    if mark in lines.all[0]:  # maybe all rows have quotes, and each is a line
        with suppress(csv.Error):
            rows = list(parsed(lines.all))
            if len(rows) == len(lines.all):
                return rows
    end = "\r" if lines.text.returns else ""
    return [
        quoted(place, line) if mark in line else line.removesuffix(end).split(delimiter)
        for place, line in lines
    ]


def _fields(
    columns: list[str],
    names: Mapping[str, str],
    source: Source,
    line: int,
) -> list[str]:
    """Return the names of the fields that the columns become."""
    shown = ",".join(columns)
    known = {column: field for field, column in names.items() if column}
    for field, column in names.items():
        needed = column and (field == "text" or column != field)
        if needed and column not in columns:
            raise InputError(
                f'no column "{column}"; the header is: {shown[:300]}; '
                f"say which with --set {field}=NAME",
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
            f'two columns for "{twice[0]}"; the header is: {shown[:300]}',
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
    """Write a row per record, under a header.

    The columns are `only`, or the fields of the first records; a field that comes up
    later is lost. Objects and lists are written as JSON. Without a `quote`, delimiters
    and line breaks within a cell become spaces, and such rows are counted.
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
    target.write(encode(laid(header, delimiter, quote) + "\n"))
    for batch in chain([head], batches):
        if not only:
            target.tally.holding(batch, known)
        lines = _lines(_cells(batch, fields), delimiter, quote, target.tally)
        target.write(encode(lines))


def _head(
    batches: Iterable[Sequence[Record]],
) -> tuple[list[Record], Iterator[Sequence[Record]]]:
    """Return the first records, `HEAD` or a few more, and batches of the rest."""
    batches = iter(batches)
    head: list[Record] = []
    for batch in batches:
        head += batch
        if len(head) >= HEAD:
            break
    return head, batches


def _cells(records: Sequence[Record], fields: list[str]) -> list[Sequence[Any]]:
    """Return the cells of each record, not all of them strings yet."""
    if len(fields) > 1:
        try:
            return list(map(itemgetter(*fields), records))
        except KeyError:
            pass
    return [[record.get(field) for field in fields] for record in records]


def _lines(rows: list[Sequence[Any]], delimiter: str, quote: str, tally: Tally) -> str:
    """Return a line per row, all in one."""
    try:
        lines = list(map(delimiter.join, rows))
    except TypeError:
        rows = [[c if type(c) is str else cell_of(c) for c in row] for row in rows]
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
            lines[at] = laid(rows[at], delimiter, quote) if line else quote * 2
            if not quote:
                tally.notes[_FOLDED if line else _BLANK] += 1
    return "\n".join(lines) + "\n"
