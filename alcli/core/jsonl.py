"""JSON Lines, read and written: UTF-8, one object per line, split at "\\n" only.

Steps splice new members into the bytes of a line, so that the user's own fields stay
unchanged, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from alcli.core.errors import InputError
from alcli.core.inputs import STDIO, display_name, open_input
from alcli.core.log import log
from alcli.core.members import is_object
from alcli.core.run_options import MAX_LINE
from alcli.core.step import Block

Record = dict[str, Any]

BLOCK_BYTES = 1 << 19
_BOM = b"\xef\xbb\xbf"


def blocks(
    files: Sequence[str],
    *,
    records: int | None = None,
    ledger: bool = False,
    max_line: int = MAX_LINE,
) -> Iterator[Block]:
    """Yield the lines of files in blocks, in order and undecoded.

    files: paths; none is stdin.
    records: lines per block; by default a block has about 512 KB.
    max_line: longest line, in bytes.
    ledger: drop a last line that is no whole JSON object, with a warning: its writer
        was killed.

    Raises:
        InputError: a file is missing, unreadable, not compressed as its suffix says, or
            has a longer line.
    """
    for path in files or [STDIO]:
        with open_input(path) as file:
            yield from file_blocks(
                file,
                display_name(path),
                records=records,
                ledger=ledger,
                size=BLOCK_BYTES,
                max_line=max_line,
            )


def file_blocks(
    file: BinaryIO,
    source: str,
    *,
    records: int | None = None,
    ledger: bool = False,
    size: int | None = None,
    max_line: int = MAX_LINE,
) -> Iterator[Block]:
    """Yield the lines of an open file in blocks of about `size` bytes; see `blocks`."""
    first = 1
    read_line = partial(file.readline, max_line + 1)
    for data in _chunks(file, source, records, size, read_line):
        if len(data) > max_line:
            _check_lines(data, source, first, max_line)
        if first == 1:
            data = data.removeprefix(_BOM)
        if not data.endswith(b"\n"):
            lines, newline, tail = data.rpartition(b"\n")
            if ledger and not is_object(tail):
                skipped = "%s: skipped a torn last line of %d bytes"
                log.warning(skipped, source, len(tail))
                data = lines + newline
            else:  # only the newline is missing, or the decoder names what is wrong
                data += b"\n"
        block = Block(data, source, first)
        first += block.newlines
        if data:
            yield block


def _check_lines(data: bytes, source: str, first: int, longest: int) -> None:
    for number, line in enumerate(data.split(b"\n"), first):
        if len(line) > longest:
            problem = f"a line of more than {longest:,} bytes; raise --max-line"
            raise InputError(problem, source=source, line=number)


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
    file: BinaryIO,
    source: str,
    records: int | None,
    size: int | None,
    read_line: Callable[[], bytes],
) -> Iterator[bytes]:
    with as_input_errors(source):
        if records:
            while data := b"".join(islice(iter(read_line, b""), records)):
                yield data
        else:
            while data := _read(file, size):
                yield data if data.endswith(b"\n") else data + read_line()


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


def write_lines(file: BinaryIO, lines: Sequence[bytes]) -> None:
    """Write lines, each with a newline."""
    if lines:
        file.write(b"\n".join(lines))
        file.write(b"\n")
