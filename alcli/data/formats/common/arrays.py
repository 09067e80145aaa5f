"""Streaming reader of a JSON array of objects; memory holds one object."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from alcli.core.errors import InputError

# a string or a bracket; a lone quote begins a string that continues in the next piece
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
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
    scanner.expect(b"[", "expected a JSON array")
    separators = 0
    while (following := scanner.separators()) is not None:
        commas, byte = following
        if byte == b"]" and not commas:
            scanner.end()
            return
        if byte != b"{" or commas != separators:
            raise scanner.error("not JSON: expected objects separated by commas")
        yield scanner.line, scanner.value()
        separators = 1
    raise scanner.error("truncated JSON array")


class _ArrayScanner:
    """Position in a stream; `line` is its line number."""

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
        self.data = self.data[self.offset :] + piece
        self.offset = 0
        return bool(piece)

    def advance(self, offset: int) -> bytes:
        """Move to an offset and return the bytes before it."""
        passed = self.data[self.offset : offset]
        self.line += passed.count(b"\n")
        self.offset = offset
        return passed

    def separators(self) -> tuple[int, bytes] | None:
        """Skip white space and commas.

        Returns the number of commas and the next byte, or None at the end.
        """
        commas = 0
        while True:
            match = _BETWEEN.match(self.data, self.offset)
            assert match is not None
            commas += self.advance(match.end()).count(b",")
            if self.offset < len(self.data):
                return commas, self.data[self.offset : self.offset + 1]
            if not self.more():
                return None

    def expect(self, byte: bytes, problem: str) -> None:
        if self.separators() != (0, byte):
            raise self.error(problem)
        self.advance(self.offset + 1)

    def end(self) -> None:
        self.advance(self.offset + 1)
        if self.separators() is not None:
            raise self.error("unexpected data after the end of the array")

    def value(self) -> bytes:
        """Move past the bracket that closes the current one; return the object."""
        depth, offset = 0, self.offset
        while True:
            for match in _TOKEN.finditer(self.data, offset):
                offset = match.start()
                first = self.data[offset]
                if first == 0x22 and match.end() == offset + 1:
                    break
                offset = match.end()
                depth += (first in b"{[") - (first in b"}]")
                if not depth:
                    return self.advance(offset)
            else:
                offset = len(self.data)
            offset -= self.offset
            if not self.more():
                raise self.error("truncated JSON array, in the object that begins here")
