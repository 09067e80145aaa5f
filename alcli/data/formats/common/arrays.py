"""Streaming reader of a JSON array of objects; memory holds one object.

json and msgspec decode only whole arrays, so the objects are cut out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from alcli.core.errors import InputError

# strings and other scalars, up to the next bracket
_TO_BRACKET = re.compile(
    rb"""(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+[{}\[\]]""", re.DOTALL
)
_BETWEEN = re.compile(rb"[\s,]*")


def elements(pieces: Iterable[bytes], source: str) -> Iterator[tuple[int, bytes]]:
    """Yield the line number and the bytes of each object of an array.

    Only strings and brackets are parsed; the objects are not validated.

    >>> list(elements([b'[{"a": 1},\\n {"a"', b': "]"}]'], "f"))
    [(1, b'{"a": 1}'), (2, b'{"a": "]"}')]

    Raises:
        InputError: not an array, or a truncated one, or elements other than objects.
    """
    scanner = _ArrayScanner(iter(pieces), source)
    if scanner.skip() != (0, b"["):
        raise scanner.error("expected a JSON array")
    scanner.take(1)
    expected = (0, b"{")
    while (found := scanner.skip()) != (0, b"]"):
        if not found[1]:
            raise scanner.error("truncated JSON array")
        if found != expected:
            raise scanner.error("not JSON: expected objects separated by commas")
        yield scanner.line, scanner.take_object()
        expected = (1, b"{")
    scanner.take(1)
    if scanner.skip()[1]:
        raise scanner.error("unexpected data after the end of the array")


class _ArrayScanner:
    """Position in a stream: `offset` in `data`, and `line`, its number."""

    def __init__(self, pieces: Iterator[bytes], source: str) -> None:
        self.pieces, self.source = pieces, source
        self.data, self.offset, self.line = b"", 0, 1
        while len(self.data) < 3 and self.more():
            pass
        self.data = self.data.removeprefix(b"\xef\xbb\xbf")

    def error(self, problem: str) -> InputError:
        return InputError(problem, source=self.source, line=self.line)

    def more(self) -> bool:
        """Append the next piece and discard consumed bytes; return False at the end."""
        piece = next(self.pieces, b"")
        self.data, self.offset = self.data[self.offset :] + piece, 0
        return bool(piece)

    def take(self, size: int) -> bytes:
        """Move past some bytes and return them."""
        start, self.offset = self.offset, self.offset + size
        taken = self.data[start : self.offset]
        self.line += taken.count(b"\n")
        return taken

    def skip(self) -> tuple[int, bytes]:
        """Skip white space and commas; return the number of commas and the next byte.

        The byte is empty at the end.
        """
        commas = 0
        while True:
            between = _BETWEEN.match(self.data, self.offset)
            assert between is not None
            commas += self.take(len(between[0])).count(b",")
            if self.offset < len(self.data) or not self.more():
                return commas, self.data[self.offset : self.offset + 1]

    def take_object(self) -> bytes:
        """Move past the bracket that closes the current one; return the object."""
        depth, size = 0, 0
        while depth or not size:
            found = _TO_BRACKET.match(self.data, self.offset + size)
            if found:
                depth += 1 if self.data[found.end() - 1] in b"{[" else -1
                size = found.end() - self.offset
            elif not self.more():
                raise self.error("truncated JSON array, in the object that begins here")
        return self.take(size)
