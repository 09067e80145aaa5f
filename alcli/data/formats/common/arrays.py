"""Walk through a JSON array of objects without holding more than one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from alcli.core.errors import InputError

# a string, or a bracket; a lone quote is a string of which the end is not there yet
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
_BETWEEN = re.compile(rb"[\s,]*")


def elements(pieces: Iterable[bytes], source: str) -> Iterator[tuple[int, bytes]]:
    """Yield the line number and the bytes of each object of an array.

    Brackets are matched, no more: what stands within them is for a decoder.

    >>> list(elements([b'[{"a": 1},\\n {"a"', b': "]"}]'], "f"))
    [(1, b'{"a": 1}'), (2, b'{"a": "]"}')]

    Raises:
        InputError: it is no array, is cut off, or has something else than objects.
    """
    walk = _Walk(iter(pieces), source)
    walk.expect(b"[", "a JSON array is expected")
    separators = 0
    while (following := walk.separators()) is not None:
        commas, byte = following
        if byte == b"]" and not commas:
            walk.end()
            return
        if byte != b"{" or commas != separators:
            raise walk.error("not JSON: objects with commas between them are expected")
        yield walk.line, walk.value()
        separators = 1
    raise walk.error("the array is cut off")


class _Walk:
    """A place in a stream; `line` is its number."""

    def __init__(self, pieces: Iterator[bytes], source: str) -> None:
        self.pieces, self.source = pieces, source
        self.data, self.place, self.line = b"", 0, 1
        while len(self.data) < 3 and self.more():
            pass
        self.data = self.data.removeprefix(b"\xef\xbb\xbf")

    def error(self, problem: str) -> InputError:
        return InputError(problem, source=self.source, line=self.line)

    def more(self) -> bool:
        """Append the next piece; forget what is behind us."""
        piece = next(self.pieces, b"")
        self.data = self.data[self.place :] + piece
        self.place = 0
        return bool(piece)

    def go(self, place: int) -> bytes:
        """Go forward, and return what was passed over."""
        passed = self.data[self.place : place]
        self.line += passed.count(b"\n")
        self.place = place
        return passed

    def separators(self) -> tuple[int, bytes] | None:
        """Go to the next byte that counts; return the commas before it, and it."""
        commas = 0
        while True:
            match = _BETWEEN.match(self.data, self.place)
            assert match is not None
            commas += self.go(match.end()).count(b",")
            if self.place < len(self.data):
                return commas, self.data[self.place : self.place + 1]
            if not self.more():
                return None

    def expect(self, byte: bytes, problem: str) -> None:
        if self.separators() != (0, byte):
            raise self.error(problem)
        self.go(self.place + 1)

    def end(self) -> None:
        self.go(self.place + 1)
        if self.separators() is not None:
            raise self.error("something stands behind the end of the array")

    def value(self) -> bytes:
        """Go behind the bracket that closes the one here, and return all of it."""
        depth, place = 0, self.place
        while True:
            for match in _TOKEN.finditer(self.data, place):
                place = match.start()
                first = self.data[place]
                if first == 0x22 and match.end() == place + 1:
                    break
                place = match.end()
                depth += (first in b"{[") - (first in b"}]")
                if not depth:
                    return self.go(place)
            else:
                place = len(self.data)
            place -= self.place
            if not self.more():
                raise self.error("the array is cut off in the object that begins here")
