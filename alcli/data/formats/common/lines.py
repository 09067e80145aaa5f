"""Lines of a text file in batches, and records of one or several lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, count, islice

from alcli.data.formats.common import texts
from alcli.data.formats.common.batch import (
    BATCH_SIZE,
    Dropped,
    FileBatch,
    Location,
    Rejected,
)
from alcli.data.formats.common.stats import ConversionStats


class TextFile:
    r"""Text file, an iterable of its batches of lines.

    undecodable: whether a line may have invalid characters. has_cr: whether "\r" was
    seen so far.
    """

    def __init__(
        self, pieces: Iterable[texts.TextPiece], encoding: str, stats: ConversionStats
    ) -> None:
        self.encoding, self.stats = encoding, stats
        self.undecodable = self.has_cr = False
        self.lines = chain.from_iterable(map(self._take, pieces))

    def __iter__(self) -> Iterator[LineBatch]:
        """Yield the lines in batches."""
        first = 1
        while taken := list(islice(self.lines, BATCH_SIZE)):
            lines = LineBatch(self, taken, first)
            yield lines
            first += len(lines.lines)

    def _take(self, piece: texts.TextPiece) -> list[str]:
        self.undecodable = self.undecodable or piece.undecodable
        self.has_cr = self.has_cr or piece.has_cr
        return piece.lines


class LineBatch:
    r"""Consecutive lines, without "\n", from which a format makes items.

    A format with an item per line calls `map`. Any other iterates over the first lines
    of items, takes the lines `after` each, and passes the items to `batch`.
    """

    def __init__(self, text: TextFile, lines: list[str], first: int) -> None:
        self.text, self.lines, self.first = text, lines, first
        self._numbered = enumerate(lines)  # includes lines appended later
        # index of the first line of an item -> number of lines after it
        self._after: dict[int, int] = {}
        self._rejected: dict[int, str] = {}

    def map[T](self, change: Callable[[str], T]) -> FileBatch[T]:
        """Return a batch of `change(line)` per line that is not blank."""
        return self.batch(self.lines).map(change)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Yield the index, from 0, and the text of the first line of each item."""
        return self._numbered

    def after(self, start: int) -> Iterator[str]:
        """Yield the lines after the first line of the current item.

        Every line taken belongs to the item, also beyond the end of the batch.
        """
        for at in count(start + 1):
            if at == len(self.lines):
                self.lines += islice(self.text.lines, 1)
                if at == len(self.lines):
                    return
            self._after[start] = at - start
            yield next(self._numbered)[1]

    def reject(self, start: int, problem: str) -> None:
        """Mark the item whose first line has this index as invalid."""
        self._rejected[start] = problem

    def batch[T](self, items: Sequence[T]) -> FileBatch[T]:
        """Return a batch of items, without blank and invalid ones.

        items: an item per first line yielded by the iterator.
        """
        batch = FileBatch(items, self._locate, self.text.stats)
        if (
            self.text.undecodable
            or self._rejected
            or "" in self.lines
            or "\r" in self.lines
        ):
            rows = FileBatch(range(len(items)), self._locate, self.text.stats)
            return rows.map(lambda row: self._checked(row, items[row]))
        return batch

    def _checked[T](self, row: int, item: T) -> T:
        text = self._text(row)
        if text in ("", "\r"):
            raise Dropped
        if problem := self._rejected.get(self._starts[row]):
            raise Rejected(problem)
        if wrong := self.text.undecodable and texts.decoding_error(
            text, self.text.encoding
        ):
            raise Rejected(wrong[1], within=wrong[0])
        return item

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        while at < len(self.lines):
            starts.append(at)
            at += 1 + self._after.get(at, 0)
        return starts

    def _text(self, row: int) -> str:
        start = self._starts[row]
        return "\n".join(self.lines[start : start + 1 + self._after.get(start, 0)])

    def _locate(self, row: int) -> Location:
        raw = self._text(row).encode(self.text.encoding, "surrogateescape")
        return self.first + self._starts[row], raw
