"""A file that a format reads: its objects or its lines, and where the reader stands."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import msgspec

from alcli.core.errors import InputError
from alcli.core.explain import BAD, explain
from alcli.core.inputs import shown
from alcli.core.jsonl import Record, blocks_of, explained, pieces
from alcli.core.step import Block
from alcli.exchange import arrays, texts
from alcli.exchange.tally import Tally

type Place = tuple[int, bytes]

_decoder = msgspec.json.Decoder(dict[str, Any])


class Source:
    """An open file, as a format sees it.

    A reader takes `objects` or `lines`, and calls `refuse` where one cannot be a
    record: that raises, or with `--skip-invalid` returns, and the reader goes on.
    """

    def __init__(
        self,
        file: BinaryIO,
        path: str,
        tally: Tally,
        *,
        skip_invalid: bool = False,
        rejects: BinaryIO | None = None,
    ) -> None:
        self.name, self.tally = shown(path), tally
        self._file, self._skip, self._rejects = file, skip_invalid, rejects
        self._row = 0  # of what was yielded last
        self._place: Callable[[], Place] = lambda: (0, b"")

    @property
    def stem(self) -> str:
        """The name of the file without its folder and suffixes."""
        return os.path.basename(self.name).partition(".")[0]

    def note(self, what: str) -> None:
        """Count something that people should know of a record."""
        self.tally.notes[what] += 1

    def leave_out(self, why: str) -> None:
        """Count a record that is read and not yielded."""
        self.tally.leave_out(why)

    def refuse(self, problem: str, *, within: int = 0) -> None:
        """Refuse what was yielded last; `within`: lines from its first to the fault.

        Raises:
            InputError: with file and line, unless bad records are skipped.
        """
        line, raw = self._place()
        if not self._skip:
            raise InputError(problem, source=self.name, line=line + within)
        self.tally.leave_out("invalid")
        if self._rejects:
            self._rejects.write(raw + b"\n")

    def objects(self, *, torn: bool = True) -> Iterator[Record]:
        """Yield the objects of JSON Lines, or of a JSON array, decoded.

        torn: a last line without its newline is taken, if it is whole JSON.
        """
        with explained(self.name):
            head: bytes = self._file.peek(64)  # type: ignore[attr-defined]
        if torn and head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
            return self._of_array()
        return self._of_lines(torn)

    def _of_lines(self, torn: bool) -> Iterator[Record]:
        for block in blocks_of(self._file, self.name):
            if block.torn and torn:
                block = Block(block.data + b"\n", block.source, block.first)
            block, rows = self._decoded(block)

            def place(block: Block = block) -> Place:
                number = block.number(self._row)
                return number, block.line(number)

            self._place = place
            for self._row, row in enumerate(rows):
                yield row

    def _decoded(self, block: Block) -> tuple[Block, list[Record]]:
        while True:
            try:
                return block, block.decode(_decoder, check_text=False)
            except InputError as error:
                place = error.line, block.line(error.line)
                self._place = lambda place=place: place  # type: ignore[misc]
                self.refuse(error.problem)
                block = block.dropping(error.line)

    def _of_array(self) -> Iterator[Record]:
        for place in arrays.elements(pieces(self._file, self.name), self.name):
            self._place = lambda place=place: place  # type: ignore[misc]
            try:
                row = _decoder.decode(place[1])
            except BAD as error:
                self.refuse(explain(error))
            else:
                yield row

    def at(self, place: Callable[[], Place]) -> None:
        """Say where the reader stands: a function gives line number and bytes."""
        self._place = place

    def lines(self, encoding: str) -> Lines:
        """Return the lines of a text file, to be put together to records."""
        found = texts.lines(pieces(self._file, self.name), self.name, encoding)
        lines = Lines(self, found, encoding)
        self.at(lambda: (lines.first, lines.raw))
        return lines


class Lines:
    r"""Lines without their "\n"; a record is the one yielded last, and `more` of them.

    first: the number of the record's first line. odd: it may be no text (`sound`).
    """

    def __init__(
        self, source: Source, found: Iterator[tuple[bool, list[str]]], encoding: str
    ) -> None:
        self.source, self.encoding = source, encoding
        self.first, self.odd = 0, False
        self._number = 0
        self._taken: list[str] = []
        self._found = found
        self._block: Iterator[str] = iter(())

    def __iter__(self) -> Iterator[str]:
        """Yield the line with which a record begins."""
        block = None
        while block is not self._block or self._load():
            block = self._block
            for line in block:  # `more` takes from it too, and may load the next
                self.first = self._number = self._number + 1
                self._taken = [line]
                yield line

    def more(self) -> str | None:
        """Return one more line of the record; None: there is none."""
        line = next(self._block, None)
        if line is None:
            if not self._load():
                return None
            line = next(self._block)
        self._number += 1
        self._taken.append(line)
        return line

    def sound(self) -> bool:
        """Say whether the record is text; what is not is refused."""
        wrong = self.odd and texts.oddity(self.text, self.encoding)
        if wrong:
            self.source.refuse(wrong[1], within=wrong[0])
        return not wrong

    @property
    def text(self) -> str:
        """The record so far."""
        return "\n".join(self._taken)

    @property
    def raw(self) -> bytes:
        """The record's own bytes."""
        return self.text.encode(self.encoding, "surrogateescape")

    def _load(self) -> bool:
        odd, block = next(self._found, (False, []))
        self.odd = self.odd or odd  # a record may go on from one block to the next
        self._block = iter(block)
        return bool(block)
