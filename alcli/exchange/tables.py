"""Tables of text: CSV and its kin, fields in quotes where they need them."""

from __future__ import annotations

import codecs
import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import batched, chain, islice
from operator import itemgetter

from alcli.core.errors import BadParameter, InputError
from alcli.core.jsonl import Record
from alcli.exchange.cells import cell_of, laid
from alcli.exchange.source import Lines, Source
from alcli.exchange.target import BATCH, Target

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
) -> Iterator[Record]:
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
    lines = source.lines(encoding)
    rows = _rows(lines, source, delimiter, quote)
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


def _rows(
    lines: Lines, source: Source, delimiters: str, quote: str
) -> Iterator[list[str]]:
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

    def new() -> Iterator[list[str]]:
        return csv.reader(feed(), delimiter=delimiter, quotechar=quote, strict=True)

    reader = None
    for line in lines:
        if lines.first == 1:
            delimiter = max(delimiters, key=line.count)
        if quote and quote in line:
            reader = reader or new()
            starts.append(line)
            try:
                row = next(reader)
            except csv.Error as error:
                problem = str(error)
                if "unexpected end" in problem:
                    problem = "a quotation mark opens here and none closes"
                source.refuse(f"not CSV: {problem}; {_LETTERS}")
                reader = None
                continue
            if delimiter == "\t" and any("\n" in cell for cell in row):
                source.note(f"rows of several lines, in quotes ({_LETTERS})")
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
    quote: str = '"',
) -> None:
    """Write a row per record, under a header.

    The columns are `only`, or the fields of the first records; a field that comes up
    later is lost. Objects and lists are written as JSON. Without a `quote`, delimiters
    and line breaks within a cell become spaces, and such rows are counted.
    """
    if not quote and delimiter == " ":
        raise BadParameter("quote=none: expected a delimiter that is not a space")
    records = iter(records)
    head = list(islice(records, BATCH))
    fields = list(only) or list(dict.fromkeys(chain.from_iterable(head)))
    if not head:
        return
    known = set(fields)
    header = [names.get(field, "") or field for field in fields]
    encode = _encoder(encoding)
    target.write(encode(laid(header, delimiter, quote) + "\n"))
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
                cells = [c if type(c) is str else cell_of(c) for c in cells]
            try:
                line = delimiter.join(cells)
            except TypeError:
                mixed = True  # and so will be what follows
                cells = [c if type(c) is str else cell_of(c) for c in cells]
                line = delimiter.join(cells)
            if not line:
                line = quote * 2  # no blank line
                if not quote:
                    target.tally.notes[_BLANK] += 1
            elif (
                (quote and quote in line)
                or "\n" in line
                or "\r" in line
                or line.count(delimiter) != parts
            ):
                line = laid(cells, delimiter, quote)
                if not quote:
                    target.tally.notes[_FOLDED] += 1
            lines.append(line)
        target.write(encode("\n".join(lines) + "\n"))


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
