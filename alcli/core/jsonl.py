"""JSON Lines, read and written: UTF-8, one object per line, split at "\\n" only.

Steps splice new members into the bytes of a line, so that the user's own fields stay
unchanged, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import msgspec

from alcli.core.errors import InputError
from alcli.core.inputs import STDIO, display_name, open_input
from alcli.core.report import log
from alcli.core.step import Block

Record = dict[str, Any]

BLOCK_BYTES = 1 << 19
_BOM = b"\xef\xbb\xbf"
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


def blocks(
    files: Sequence[str],
    *,
    records: int | None = None,
    ledger: bool = False,
) -> Iterator[Block]:
    """Yield the lines of files in blocks, in order and undecoded.

    files: paths; none is stdin.
    records: lines per block; by default a block has about 512 KB.
    ledger: drop a torn last line, with a warning; otherwise its block is marked torn.

    Raises:
        InputError: a file is missing, unreadable, or not compressed as its suffix says.
    """
    for path in files or [STDIO]:
        with open_input(path) as file:
            yield from file_blocks(
                file,
                display_name(path),
                records=records,
                ledger=ledger,
                size=BLOCK_BYTES,
            )


def file_blocks(
    file: BinaryIO,
    source: str,
    *,
    records: int | None = None,
    ledger: bool = False,
    size: int | None = None,
) -> Iterator[Block]:
    """Yield the lines of an open file in blocks of about `size` bytes; see `blocks`."""
    first = 1
    for data in _chunks(file, source, records, size):
        if first == 1:
            data = data.removeprefix(_BOM)
        torn = not data.endswith(b"\n")
        if torn and ledger:
            data, _, tail = data.rpartition(b"\n")
            data += b"\n" if data else b""
            log.warning("%s: skipped a torn last line of %d bytes", source, len(tail))
        block = Block(data, source, first, torn and not ledger)
        first += block.newlines
        if data:
            yield block


def read_chunks(
    file: BinaryIO, source: str, *, size: int | None = None
) -> Iterator[bytes]:
    """Yield the content of an open file in chunks of `size` bytes.

    Raises:
        InputError: the file is unreadable, or not compressed as its suffix says.
    """
    with as_input_errors(source):
        while data := _read(file, size):
            yield data


def _chunks(
    file: BinaryIO, source: str, records: int | None, size: int | None
) -> Iterator[bytes]:
    from itertools import islice

    with as_input_errors(source):
        if records:
            while data := b"".join(islice(file, records)):
                yield data
        else:
            while data := _read(file, size):
                yield data if data.endswith(b"\n") else data + file.readline()


@contextmanager
def as_input_errors(source: str) -> Iterator[None]:
    """Raise read errors of a file as an InputError that names the file."""
    from lzma import LZMAError
    from zlib import error as ZlibError

    try:
        yield
    except (EOFError, ZlibError, LZMAError) as error:
        raise InputError(f"damaged or cut off: {error}", source=source) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot read: {reason}", source=source) from error


def _read(file: BinaryIO, size: int | None) -> bytes:
    """Return up to `size` bytes, by default BLOCK_BYTES; fewer at the end of the file.

    It reads in short steps, because a signal waits for the end of a read.
    """
    parts, left = [], size or BLOCK_BYTES
    while left and (part := file.read1(left)):  # type: ignore[attr-defined]
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def to_blocks(records: Iterable[Record], *, size: int = 1000) -> Iterator[Block]:
    """Yield blocks of encoded records in memory, `size` records each."""
    from itertools import batched, count

    for first, batch in zip(count(1, size), batched(records, size), strict=False):
        data = b"\n".join(map(msgspec.json.encode, batch)) + b"\n"
        yield Block(data, first=first)


def splice(line: bytes, addition: bytes) -> bytes:
    """Return a line with more members at its end.

    line: a JSON object without members of these names.
    addition: encoded members, as `members` returns them.

    >>> splice(b'{"id": 1}', b'"topic":3')
    b'{"id": 1,"topic":3}'
    >>> splice(b"{ }", b'"topic":3')
    b'{"topic":3}'
    """
    body = line.rstrip()[:-1].rstrip()
    return b"%b%b%b}" % (body, b"" if body.endswith(b"{") else b",", addition)


def drop_members(line: bytes, *names: str) -> bytes:
    """Return a line without some members; other values keep their bytes.

    >>> drop_members(b'{"id": 1, "topic": 3}', "topic")
    b'{"id":1}'
    """
    return replace_members(line, names, {})


def replace_members(line: bytes, names: Iterable[str], fields: dict[str, Any]) -> bytes:
    """Return a line without the members `names`, and with `fields` at its end."""
    found: dict[str, Any] = _fields.decode(line)
    for name in names:
        found.pop(name, None)
    found.update(fields)
    return msgspec.json.encode(found)


def members(fields: dict[str, Any]) -> bytes:
    """Return fields encoded as `"name":value,...`, the addition of `splice`.

    >>> members({"topic": 3, "pred": "خوب"}).decode()
    '"topic":3,"pred":"خوب"'
    """
    return msgspec.json.encode(fields)[1:-1]


def write_lines(file: BinaryIO, lines: Sequence[bytes]) -> None:
    """Write lines, each with a newline."""
    if lines:
        file.write(b"\n".join(lines))
        file.write(b"\n")


def optional(value: Any) -> tuple[Any, Any]:
    """Return type and default of an optional struct member, for `msgspec.defstruct`."""
    return value | msgspec.UnsetType, msgspec.UNSET
