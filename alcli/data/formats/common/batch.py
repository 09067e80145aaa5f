"""What goes from a file to another: some hundred records, and where they stood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from alcli.data.formats.common.tally import Tally

# Small: what becomes of a batch stays in the processor's cache until it is written,
# which makes some conversions twice as fast as with batches of 512 KB.
BATCH_BYTES = 1 << 16
BATCH = 250  # where lines or records are counted

type Place = tuple[int, bytes]  # the number of a line; a record's own bytes


class NoRecord(Exception):
    """Why something in a file is no record; `within`: lines from its first on."""

    def __init__(self, problem: str, *, within: int = 0) -> None:
        super().__init__(problem)
        self.within = within


class LeftOut(Exception):
    """Why something is not taken, which is counted; "" is nothing, as a blank line."""


class Batch[T]:
    """Things that stand together in a file: its lines, later the records they are.

    items: the things. rows: which one of the file's things each item was. place: says
    where that stands. refused: rows that are no records, and why.
    """

    def __init__(
        self,
        items: Sequence[T],
        place: Callable[[int], Place],
        tally: Tally,
        rows: Sequence[int] | None = None,
        refused: list[tuple[int, NoRecord]] | None = None,
    ) -> None:
        self.items, self.place, self.tally = items, place, tally
        self.rows = range(len(items)) if rows is None else rows
        self.refused = [] if refused is None else refused

    def each[U](self, change: Callable[[T], U]) -> Batch[U]:
        """Return a batch of what `change` makes of the items, without those it refuses.

        change: raises NoRecord, or LeftOut, where an item comes to nothing.
        """
        found: list[U] = []
        gone: set[int] = set()
        results = map(change, self.items)
        while True:
            try:
                found += results  # those before the one that raises are kept
                break
            except (NoRecord, LeftOut) as why:
                at = len(found) + len(gone)
                gone.add(at)
                if isinstance(why, NoRecord):
                    self.refused.append((self.rows[at], why))
                elif str(why):
                    self.tally.leave_out(str(why))
        rows = self.rows
        if gone:
            rows = [row for at, row in enumerate(rows) if at not in gone]
        return self._of(found, rows)

    def all[U](self, change: Callable[[Sequence[T]], Sequence[U]]) -> Batch[U]:
        """Return a batch of what `change` makes of the items, all of them at once."""
        return self._of(change(self.items), self.rows)

    def behind_first(self) -> Batch[T]:
        """Return a batch without the first item."""
        return self._of(self.items[1:], self.rows[1:])

    def flat[U](self: Batch[list[U]]) -> Batch[U]:
        """Return a batch of the items of the items."""
        rows = [
            row for row, found in zip(self.rows, self.items, strict=True) for _ in found
        ]
        return self._of(list(chain.from_iterable(self.items)), rows)

    def _of[U](self, items: Sequence[U], rows: Sequence[int]) -> Batch[U]:
        return Batch(items, self.place, self.tally, rows, self.refused)
