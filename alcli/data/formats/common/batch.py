"""Batch of items of a file, and the one way to reject or drop an item.

Every function that reads, converts or checks an item raises Rejected if it is invalid;
`FileBatch.map` collects the errors, and `Source.handle_rejected` raises or skips them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from alcli.data.formats.common.stats import ConversionStats

# Small enough that a batch stays in the processor's cache from reading to writing: some
# conversions are twice as fast as with batches of 512 KB.
BATCH_BYTES = 1 << 16
BATCH_SIZE = 250  # lines or records

# raised by a function that expects JSON of another layout
SHAPE_ERRORS = (AttributeError, KeyError, TypeError)

type Location = tuple[int, bytes]  # line number, and bytes of the record


class Rejected(Exception):
    """Invalid item of a file; an error, unless invalid records are skipped.

    within: offset, in lines, of the error from the first line of the item.
    """

    def __init__(self, problem: str, *, within: int = 0) -> None:
        super().__init__(problem)
        self.within = within


class Dropped(Exception):
    """Item to leave out, counted by reason; "" is not counted, as for a blank line."""


def multi_label_error(labels: Iterable[Any]) -> str:
    """Return the error message for a record with several labels."""
    names = ", ".join(map(str, labels))
    return f"several labels ({names}): a record has one class"


def only_name(names: Iterable[str], kind: str) -> str:
    """Return the only name, or "" without names.

    kind: plural noun for the error message.

    Raises:
        Rejected: several names.
    """
    found = list(dict.fromkeys(names))
    if len(found) > 1:
        raise Rejected(
            f"several {kind} ({', '.join(found)}); choose with --set field=NAME"
        )
    return found[0] if found else ""


class FileBatch[T]:
    """Consecutive items of a file: lines at first, records in the end.

    items: the items. rows: for each item, its index in the batch as read. locate:
    function from such an index to the line number and the bytes. rejected: indices and
    errors of rejected items.
    """

    def __init__(
        self,
        items: Sequence[T],
        locate: Callable[[int], Location],
        stats: ConversionStats,
        rows: Sequence[int] | None = None,
        rejected: list[tuple[int, Rejected]] | None = None,
    ) -> None:
        self.items, self.locate, self.stats = items, locate, stats
        self.rows = range(len(items)) if rows is None else rows
        self.rejected = [] if rejected is None else rejected

    def map[U](self, change: Callable[[T], U], *, shape: str = "") -> FileBatch[U]:
        """Return a batch of `change(item)` per item, without rejected and dropped ones.

        change: function of an item; may raise Rejected or Dropped. shape: noun of a
        JSON layout, in which case SHAPE_ERRORS reject the item as not of this layout.
        """
        found: list[U] = []
        removed: set[int] = set()
        results = map(change, self.items)
        expected = (Rejected, Dropped, *(SHAPE_ERRORS if shape else ()))
        while True:
            try:
                found += results  # += keeps the results before an exception
                break
            except expected as reason:
                at = len(found) + len(removed)
                removed.add(at)
                if isinstance(reason, SHAPE_ERRORS):
                    reason = Rejected(f"not {shape}: {reason}")
                if isinstance(reason, Rejected):
                    self.rejected.append((self.rows[at], reason))
                elif str(reason):
                    self.stats.drop(str(reason))
        rows = self.rows
        if removed:
            rows = [row for at, row in enumerate(rows) if at not in removed]
        return self._with_items(found, rows)

    def map_all[U](self, change: Callable[[Sequence[T]], Sequence[U]]) -> FileBatch[U]:
        """Return a batch of `change(items)`, a sequence of the same length."""
        return self._with_items(change(self.items), self.rows)

    def without_first(self) -> FileBatch[T]:
        """Return a batch without the first item."""
        return self._with_items(self.items[1:], self.rows[1:])

    def flatten[U](self: FileBatch[list[U]]) -> FileBatch[U]:
        """Return a batch of the elements of the items, which are lists."""
        rows = [
            row for row, found in zip(self.rows, self.items, strict=True) for _ in found
        ]
        return self._with_items(list(chain.from_iterable(self.items)), rows)

    def _with_items[U](self, items: Sequence[U], rows: Sequence[int]) -> FileBatch[U]:
        return FileBatch(items, self.locate, self.stats, rows, self.rejected)
