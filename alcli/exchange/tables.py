"""Tables of text: CSV and its kin, fields in quotes where they need them."""

from __future__ import annotations

import codecs
import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import batched, chain, islice
from operator import itemgetter
from typing import Any

import msgspec

from alcli.core.errors import BadParameter, InputError
from alcli.core.jsonl import Record
from alcli.exchange.source import Lines, Source
from alcli.exchange.target import BATCH, Target

_EMPTY_IS_NONE = ("id", "label", "annotator")


def read(
    source: Source,
    names: Mapping[str, str],
    *,
    delimiter: str,
    encoding: str,
    header: str = "",
) -> Iterator[Record]:
    """Yield a record per row; every column is a field, and a string.

    names: field -> column; those of `text`, and of any other name than the field's,
    must be there. delimiter: one character, or several to choose from by the header.
    header: the columns, parted by commas, of a file that does not begin with them.
    Empty cells of `id`, `label`, `annotator` are left out; but a vote, which has an
    annotator, has then no label (null).

    Raises:
        InputError: a column that is needed is missing.
    """
    lines = source.lines(encoding)
    rows = _rows(lines, source, delimiter)
    columns = header.split(",") if header else next(rows, None)
    if columns is None:
        return  # an empty file
    fields = _fields(columns, names, source, lines.first)
    optional = [name for name in _EMPTY_IS_NONE if name in fields]
    for row in rows:
        if len(row) != len(fields):
            source.refuse(f"{len(row)} fields, where the header has {len(fields)}")
            continue
        record: Record = dict(zip(fields, row, strict=True))
        if "" in row:
            for name in optional:
                if not record[name]:
                    del record[name]
            if "annotator" in record and "label" in optional:
                record.setdefault("label", None)
        yield record


def _rows(lines: Lines, source: Source, delimiters: str) -> Iterator[list[str]]:
    """Yield the cells of each row that is not blank."""
    csv.field_size_limit(sys.maxsize)  # its own limit, 128 KB, is for other times
    starts: list[str] = []
    delimiter = delimiters[:1]

    def feed() -> Iterator[str]:
        while True:
            line = starts.pop() if starts else lines.more()
            if line is None:
                return
            yield line + "\n"

    reader = None
    for line in lines:
        if reader is None:
            delimiter = max(delimiters, key=line.count)
            reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        if '"' in line:
            starts.append(line)
            try:
                row = next(reader)
            except csv.Error as error:
                problem = str(error)
                if "unexpected end" in problem:
                    problem = "a quotation mark opens here and none closes"
                source.refuse(f"not CSV: {problem}")
                reader = csv.reader(feed(), delimiter=delimiter, strict=True)
                continue
        else:
            line = line.removesuffix("\r")
            if not line:
                continue
            row = line.split(delimiter)
        if not lines.odd or lines.sound():
            yield row


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
    records: Iterable[Record],
    target: Target,
    names: Mapping[str, str],
    *,
    delimiter: str,
    encoding: str = "utf-8",
    only: Iterable[str] = (),
) -> None:
    """Write a row per record, under a header.

    The columns are `only`, or the fields of the first records; a field that comes up
    later is lost. Objects and lists are written as JSON.
    """
    records = iter(records)
    head = list(islice(records, BATCH))
    fields = list(only) or list(dict.fromkeys(chain.from_iterable(head)))
    if not head:
        return
    known = set(fields)
    header = [names.get(field, "") or field for field in fields]
    encode = _encoder(encoding)
    target.write(encode(_quoted(header, delimiter) + "\n"))
    mixed = False  # whether there are cells that are no strings
    parts = len(fields) - 1  # delimiters in a line without quotes
    get = itemgetter(*fields)
    pick = get if parts else lambda record: (get(record),)
    for batch in chain([head], batched(records, BATCH)):
        lines = []
        for record in batch:
            try:
                cells = pick(record)
                rest = len(record) > len(fields)
            except KeyError:
                cells, rest = [record.get(name) for name in fields], True
            if rest and not only:
                for name in record.keys() - known:
                    target.lose(name)
            if mixed:
                cells = [c if type(c) is str else _cell(c) for c in cells]
            try:
                line = delimiter.join(cells)
            except TypeError:
                mixed = True  # and so will be what follows
                cells = [c if type(c) is str else _cell(c) for c in cells]
                line = delimiter.join(cells)
            if not line:
                line = '""'  # no blank line
            elif (
                '"' in line
                or "\n" in line
                or "\r" in line
                or line.count(delimiter) != parts
            ):
                line = _quoted(cells, delimiter)
            lines.append(line)
        target.write(encode("\n".join(lines) + "\n"))


def _quoted(cells: Iterable[str], delimiter: str) -> str:
    """Return a line in which those cells stand in quotes that need them."""
    return delimiter.join(
        [
            f'"{cell.replace('"', '""')}"'
            if delimiter in cell or '"' in cell or "\n" in cell or "\r" in cell
            else cell
            for cell in cells
        ]
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if type(value) in (int, float):
        return str(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _encoder(encoding: str) -> Callable[[str], bytes]:
    try:
        encoder = codecs.getincrementalencoder(encoding)()  # one byte order mark
    except LookupError:
        raise BadParameter(f"encoding={encoding}: there is no such encoding") from None

    def encode(text: str) -> bytes:
        try:
            return encoder.encode(text)
        except UnicodeEncodeError as error:
            letter = error.object[error.start]
            raise BadParameter(f"encoding={encoding}: has no {letter!r}") from error

    return encode


def character(text: str) -> str:
    r"""Return the character that `delimiter=` names; `\t` is a tab.

    >>> character(";"), character(r"\t")
    (';', '\t')
    """
    found = "\t" if text == r"\t" else text
    if len(found) != 1 or found in '"\r\n':
        raise BadParameter(f"delimiter={text}: one character is expected")
    return found
