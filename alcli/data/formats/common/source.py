"""Input file of a format: batches of its objects or lines."""

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
from alcli.data.formats.common.batch import (
    BATCH_BYTES,
    BATCH_SIZE,
    FileBatch,
    Location,
    Rejected,
)
from alcli.data.formats.common.lines import TextFile
from alcli.data.formats.common.stats import ConversionStats

_decoder = msgspec.json.Decoder(dict[str, Any])


class Source:
    """Open input file; a reader of a format calls `objects` or `lines`."""

    def __init__(
        self,
        file: BinaryIO,
        path: str,
        stats: ConversionStats,
        *,
        skip_invalid: bool = False,
        rejects: BinaryIO | None = None,
    ) -> None:
        self.name, self.stats = display_name(path), stats
        self._file, self._skip, self._rejects = file, skip_invalid, rejects

    @property
    def stem(self) -> str:
        """Return the name of the file without folder and suffixes."""
        return os.path.basename(self.name).partition(".")[0]

    def note(self, text: str) -> None:
        """Count a record for a note in the summary."""
        self.stats.notes[text] += 1

    def drop(self, reason: str) -> None:
        """Count a record that is read but not yielded."""
        self.stats.drop(reason)

    def handle_rejected(self, batch: FileBatch[Any]) -> None:
        """Skip and count the rejected items of a batch, or raise the first.

        Raises:
            InputError: with file and line, unless invalid records are skipped.
        """
        for row, error in sorted(batch.rejected, key=itemgetter(0)):
            line, raw = batch.locate(row)
            if not self._skip:
                raise InputError(str(error), source=self.name, line=line + error.within)
            self.stats.drop("invalid")
            if self._rejects:
                self._rejects.write(raw + b"\n")

    def objects(self, *, torn: bool = True) -> Iterator[FileBatch[Record]]:
        """Return batches of the objects of JSON Lines or of a JSON array.

        torn: whether to accept a last line without newline, if it is valid JSON, and
        an array.
        """
        with as_input_errors(self.name):
            head: bytes = self._file.peek(64)  # type: ignore[attr-defined]
        if torn and head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
            return self._of_array()
        return self._of_lines(torn)

    def _of_lines(self, torn: bool) -> Iterator[FileBatch[Record]]:
        for block in file_blocks(self._file, self.name, size=BATCH_BYTES):
            if block.torn and torn:
                block = Block(block.data + b"\n", block.source, block.first)
            try:
                rows = block.decode(_decoder, check_text=False)
            except InputError:
                yield self._one_by_one(block)
            else:
                yield FileBatch(rows, _locator(block), self.stats)

    def _one_by_one(self, block: Block) -> FileBatch[Record]:
        """Return the valid objects of a block, and the errors of the others."""
        lines = list(block.numbered())
        last = block.first + len(block.raw) - 1 if block.torn else 0
        if last and not block.raw[-1].strip():
            lines.append((last, block.line(last)))

        def decoded(line: Location) -> Record:
            number, data = line
            torn = number == last
            one = Block(data if torn else data + b"\n", block.source, number, torn)
            try:
                return one.decode(_decoder)[0]
            except InputError as error:
                raise Rejected(error.problem) from error

        return FileBatch(lines, lines.__getitem__, self.stats).map(decoded)

    def _of_array(self) -> Iterator[FileBatch[Record]]:
        found = arrays.elements(self._pieces(), self.name)
        for batch in batched(found, BATCH_SIZE):
            yield FileBatch(batch, batch.__getitem__, self.stats).map(_element)

    def lines(self, encoding: str) -> TextFile:
        """Return the file as text, an iterable of batches of lines."""
        found = texts.split_lines(self._pieces(), self.name, encoding)
        return TextFile(found, encoding, self.stats)

    def _pieces(self) -> Iterator[bytes]:
        return read_chunks(self._file, self.name, size=BATCH_BYTES)


def _locator(block: Block) -> Callable[[int], Location]:
    numbered = cache(lambda: list(block.numbered()))
    return lambda row: numbered()[row]


def _element(location: Location) -> Record:
    try:
        found: Record = _decoder.decode(location[1])
    except DECODE_ERRORS as error:
        raise Rejected(explain(error, location[1])) from error
    return found
