"""A file that a format reads: its objects or its lines, in batches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from itertools import batched
from operator import itemgetter
from typing import Any, BinaryIO

import msgspec

from alcli.core.decode_errors import DECODE_ERRORS, explain
from alcli.core.errors import InputError
from alcli.core.inputs import display_name
from alcli.core.jsonl import Record, as_input_errors, file_blocks, read_chunks
from alcli.core.step import Block
from alcli.data.formats.common import arrays, texts
from alcli.data.formats.common.batch import BATCH, BATCH_BYTES, Batch, NoRecord, Place
from alcli.data.formats.common.lines import Text
from alcli.data.formats.common.tally import Tally

_decoder = msgspec.json.Decoder(dict[str, Any])


class Source:
    """An open file, as a format sees it; a reader takes its `objects` or `lines`."""

    def __init__(
        self,
        file: BinaryIO,
        path: str,
        tally: Tally,
        *,
        skip_invalid: bool = False,
        rejects: BinaryIO | None = None,
    ) -> None:
        self.name, self.tally = display_name(path), tally
        self._file, self._skip, self._rejects = file, skip_invalid, rejects

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

    def settle(self, batch: Batch[Any]) -> None:
        """Do what is to be done with what was refused in a batch.

        Raises:
            InputError: with file and line, unless bad records are skipped.
        """
        for row, why in sorted(batch.refused, key=itemgetter(0)):
            line, raw = batch.place(row)
            if not self._skip:
                raise InputError(str(why), source=self.name, line=line + why.within)
            self.tally.leave_out("invalid")
            if self._rejects:
                self._rejects.write(raw + b"\n")

    def objects(self, *, torn: bool = True) -> Iterator[Batch[Record]]:
        """Yield the objects of JSON Lines, or of a JSON array, decoded.

        torn: a last line without its newline is taken, if it is whole JSON.
        """
        with as_input_errors(self.name):
            head: bytes = self._file.peek(64)  # type: ignore[attr-defined]
        if torn and head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
            return self._of_array()
        return self._of_lines(torn)

    def _of_lines(self, torn: bool) -> Iterator[Batch[Record]]:
        for block in file_blocks(self._file, self.name, size=BATCH_BYTES):
            if block.torn and torn:
                block = Block(block.data + b"\n", block.source, block.first)
            try:
                rows = block.decode(_decoder, check_text=False)
            except InputError:
                yield self._one_by_one(block)
            else:
                yield Batch(rows, _places(block), self.tally)

    def _one_by_one(self, block: Block) -> Batch[Record]:
        """Return those of a block's objects that are well."""
        lines = list(block.numbered())
        last = block.first + len(block.raw) - 1 if block.torn else 0
        if last and not block.raw[-1].strip():
            lines.append((last, block.line(last)))

        def decoded(line: Place) -> Record:
            number, data = line
            torn = number == last
            one = Block(data if torn else data + b"\n", block.source, number, torn)
            try:
                return one.decode(_decoder)[0]
            except InputError as error:
                raise NoRecord(error.problem) from error

        return Batch(lines, lines.__getitem__, self.tally).each(decoded)

    def _of_array(self) -> Iterator[Batch[Record]]:
        found = arrays.elements(self._pieces(), self.name)
        for batch in batched(found, BATCH):
            yield Batch(batch, batch.__getitem__, self.tally).each(_element)

    def lines(self, encoding: str) -> Text:
        """Return the lines of a text file, to be put together to records."""
        found = texts.lines(self._pieces(), self.name, encoding)
        return Text(found, encoding, self.tally)

    def _pieces(self) -> Iterator[bytes]:
        return read_chunks(self._file, self.name, size=BATCH_BYTES)


def _places(block: Block) -> Callable[[int], Place]:
    numbered = cache(lambda: list(block.numbered()))
    return lambda row: numbered()[row]


def _element(place: Place) -> Record:
    try:
        found: Record = _decoder.decode(place[1])
    except DECODE_ERRORS as error:
        raise NoRecord(explain(error)) from error
    return found
