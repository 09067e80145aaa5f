"""Writer of delimited text tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import msgspec

from alcli.core.errors import BadParameter
from alcli.core.jsonl import Record
from alcli.data.formats.common.stats import ConversionStats
from alcli.data.formats.common.table import Table
from alcli.data.formats.common.target import RecordLists, Target
from alcli.data.formats.common.text import encoder, one_line

HEAD = 1000  # records from which the columns are taken
_FOLDED = "rows in which delimiters or line breaks became spaces"
_BLANK = "rows of one empty cell: blank lines, skipped when read"


def write_table(
    batches: RecordLists, target: Target, table: Table, only: Iterable[str] = ()
) -> None:
    """Write a header, and a row per record.

    only: fields to write; by default those of the first `HEAD` records, and later
    fields are lost. Objects and lists are written as JSON. Without a quote character,
    delimiters and line breaks in a cell become spaces, and such rows are counted.

    Raises:
        BadParameter: the delimiter is a space and there is no quote, or the encoding is
            unknown or lacks a character.
    """
    if not table.quote and table.delimiter == " ":
        raise BadParameter("quote=none: expected a delimiter that is not a space")
    batches = iter(batches)
    head = _head(batches)
    if not head:
        return
    fields = list(only or dict.fromkeys(chain.from_iterable(head[:HEAD])))
    encode = encoder(table.encoding)
    header = [table.names.get(field, "") or field for field in fields]
    target.write(encode(_join(header, table) + "\n"))
    for batch in chain([head], batches):
        if not only:
            target.stats.count_lost_fields(batch, frozenset(fields))
        target.write(encode(_lines(_cells(batch, fields), table, target.stats)))


def _head(batches: Iterator[Sequence[Record]]) -> list[Record]:
    """Return the first records, `HEAD` or more if there are."""
    head: list[Record] = []
    for batch in batches:
        head += batch
        if len(head) >= HEAD:
            break
    return head


def _cells(records: Sequence[Record], fields: list[str]) -> list[Sequence[Any]]:
    """Return the values of each record, not yet converted to strings."""
    if len(fields) > 1:
        try:
            return list(map(itemgetter(*fields), records))
        except KeyError:
            pass
    return [[record.get(field) for field in fields] for record in records]


def _lines(rows: list[Sequence[Any]], table: Table, stats: ConversionStats) -> str:
    """Return the lines of the rows as one string."""
    delimiter, quote = table.delimiter, table.quote
    try:
        lines = list(map(delimiter.join, rows))
    except TypeError:
        rows = [[c if type(c) is str else _text(c) for c in row] for row in rows]
        lines = list(map(delimiter.join, rows))
    parts, mark = len(rows[0]) - 1, quote or "\n"
    text = "\n".join(lines) + "\n"
    if (  # fast path: nothing to quote
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
            lines[at] = _join(rows[at], table) if line else quote * 2
            if not quote:
                stats.notes[_FOLDED if line else _BLANK] += 1
    return "\n".join(lines) + "\n"


def _join(cells: Iterable[str], table: Table) -> str:
    """Join the cells of a row, quoted or folded where necessary."""
    delimiter, quote = table.delimiter, table.quote
    if not quote:
        return delimiter.join([one_line(c).replace(delimiter, " ") for c in cells])
    return delimiter.join(
        [
            f"{quote}{cell.replace(quote, quote * 2)}{quote}"
            if delimiter in cell or quote in cell or "\n" in cell or "\r" in cell
            else cell
            for cell in cells
        ]
    )


def _text(value: Any) -> str:
    """Convert a value to the text of a cell; objects and lists become JSON."""
    if value is None:
        return ""
    if type(value) in (int, float):
        return str(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
