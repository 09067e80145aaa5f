"""A text file, some lines at a time, and the records that lines are put to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, count, islice

from alcli.data.formats.common import texts
from alcli.data.formats.common.batch import BATCH, Batch, LeftOut, NoRecord, Place
from alcli.data.formats.common.tally import Tally


class Text:
    r"""A text file. odd: there may be what is no text. returns: "\r" was seen."""

    def __init__(
        self, pieces: Iterable[texts.Piece], encoding: str, tally: Tally
    ) -> None:
        self.encoding, self.tally = encoding, tally
        self.odd = self.returns = False
        self.lines = chain.from_iterable(map(self._seen, pieces))

    def __iter__(self) -> Iterator[Lines]:
        """Yield the lines, some at a time."""
        first = 1
        while taken := list(islice(self.lines, BATCH)):
            lines = Lines(self, taken, first)
            yield lines
            first += len(lines.all)

    def _seen(self, piece: texts.Piece) -> list[str]:
        self.odd = self.odd or piece.odd
        self.returns = self.returns or piece.returns
        return piece.lines


class Lines:
    r"""Lines without their "\n", of which records are made.

    Where a record is a line, see `each`. Else a reader goes through the lines with
    which records begin, takes those `after` them, and hands in what it made: `batch`.
    """

    def __init__(self, text: Text, lines: list[str], first: int) -> None:
        self.text, self.all, self.first = text, lines, first
        self._numbered = enumerate(lines)  # sees what is appended to them
        self._after: dict[int, int] = {}  # lines that belong to the one at a place
        self._refused: dict[int, str] = {}

    def each[T](self, change: Callable[[str], T]) -> Batch[T]:
        """Return a batch of what `change` makes of each line that is not blank."""
        return self.batch(self.all).each(change)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Yield the places, from 0, and the lines with which records begin."""
        return self._numbered

    def after(self, place: int) -> Iterator[str]:
        """Yield lines of the record that begins at the place that was yielded last."""
        for at in count(place + 1):
            if at == len(self.all):
                self.all += islice(self.text.lines, 1)
                if at == len(self.all):
                    return
            self._after[place] = at - place
            yield next(self._numbered)[1]

    def refuse(self, place: int, problem: str) -> None:
        """Say that what begins there is no record."""
        self._refused[place] = problem

    def batch[T](self, items: Sequence[T]) -> Batch[T]:
        """Return a batch of what was made of the lines; blank ones are left out.

        items: one for each line that was yielded.
        """
        batch = Batch(items, self._place, self.text.tally)
        if self.text.odd or self._refused or "" in self.all or "\r" in self.all:
            rows = Batch(range(len(items)), self._place, self.text.tally)
            return rows.each(lambda row: self._sound(row, items[row]))
        return batch

    def _sound[T](self, row: int, item: T) -> T:
        text = self._text(row)
        if text in ("", "\r"):
            raise LeftOut
        if problem := self._refused.get(self._starts[row]):
            raise NoRecord(problem)
        if wrong := self.text.odd and texts.oddity(text, self.text.encoding):
            raise NoRecord(wrong[1], within=wrong[0])
        return item

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        while at < len(self.all):
            starts.append(at)
            at += 1 + self._after.get(at, 0)
        return starts

    def _text(self, row: int) -> str:
        start = self._starts[row]
        return "\n".join(self.all[start : start + 1 + self._after.get(start, 0)])

    def _place(self, row: int) -> Place:
        raw = self._text(row).encode(self.text.encoding, "surrogateescape")
        return self.first + self._starts[row], raw
