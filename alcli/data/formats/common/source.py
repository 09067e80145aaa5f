"""Input file of a format: batches of its objects or lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import batched, chain, islice
from operator import itemgetter
from typing import Any, BinaryIO

import msgspec

from alcli.core.decode_errors import DECODE_ERRORS, explain
from alcli.core.errors import InputError
from alcli.core.inputs import display_name
from alcli.core.jsonl import Record, as_input_errors, file_blocks, read_chunks
from alcli.core.step import Block
from alcli.data.formats.common.arrays import elements
from alcli.data.formats.common.batch import (
    BATCH_BYTES,
    BATCH_SIZE,
    Dropped,
    FileBatch,
    Location,
    Rejected,
)
from alcli.data.formats.common.stats import ConversionStats
from alcli.data.formats.common.text import check_decoded, split_lines

type RecordBatches = Iterator[FileBatch[Record]]

# from the next 250 lines and the iterator of those after them to the texts of items
type Group = Callable[[list[str], Iterator[str]], list[str]]

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

    def objects(self, *, arrays: bool = True) -> RecordBatches:
        """Return batches of the objects of JSON Lines or of a JSON array.

        arrays: whether an array is accepted, too.
        """
        with as_input_errors(self.name):
            head: bytes = self._file.peek(64)  # type: ignore[attr-defined]
        if arrays and head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
            return self._of_array()
        return self._of_lines()

    def _of_lines(self) -> RecordBatches:
        for block in file_blocks(self._file, self.name, size=BATCH_BYTES):
            try:
                rows = block.decode(_decoder, check_text=False)
            except InputError:
                lines = list(block.numbered())
                yield FileBatch(lines, lines.__getitem__, self.stats).map(_decode)
            else:
                yield FileBatch(rows, _locator(block), self.stats)

    def _of_array(self) -> RecordBatches:
        for batch in batched(elements(self._pieces(), self.name), BATCH_SIZE):
            yield FileBatch(batch, batch.__getitem__, self.stats).map(_decode)

    def lines(
        self, encoding: str, group: Group | None = None
    ) -> Iterator[FileBatch[str]]:
        r"""Yield the lines of a text file, without "\n" and without blank ones.

        group: for items of several lines, function that joins the lines of each item
        with "\n".
        """
        undecodable, first = False, 1

        def take(piece: tuple[list[str], bool]) -> list[str]:
            nonlocal undecodable
            undecodable = piece[1]
            return piece[0]

        def more() -> Iterator[str]:
            nonlocal first
            for line in stream:
                first += 1
                yield line

        pieces = split_lines(self._pieces(), self.name, encoding)
        stream = chain.from_iterable(map(take, pieces))
        while lines := list(islice(stream, BATCH_SIZE)):
            start, first = first, first + len(lines)
            texts = group(lines, more()) if group else lines
            locate = partial(_locate, texts, start, encoding)
            batch = FileBatch(texts, locate, self.stats)
            if undecodable or "" in texts or "\r" in texts:
                batch = batch.map(partial(_check_text, encoding))
            yield batch

    def _pieces(self) -> Iterator[bytes]:
        return read_chunks(self._file, self.name, size=BATCH_BYTES)


def _locator(block: Block) -> Callable[[int], Location]:
    numbered = cache(lambda: list(block.numbered()))
    return lambda row: numbered()[row]


def _decode(location: Location) -> Record:
    try:
        location[1].decode()  # for its better message, msgspec would report JSON
        found: Record = _decoder.decode(location[1])
    except DECODE_ERRORS as error:
        raise Rejected(explain(error, location[1])) from error
    return found


def _locate(texts: list[str], first: int, encoding: str, row: int) -> Location:
    line = first + sum(text.count("\n") + 1 for text in texts[:row])
    return line, texts[row].encode(encoding, "surrogateescape")


def _check_text(encoding: str, text: str) -> str:
    if text in ("", "\r"):
        raise Dropped
    check_decoded(text, encoding)
    return text
