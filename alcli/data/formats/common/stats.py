"""Statistics of a conversion: counts, notes for the user, lost fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain

from alcli.core.jsonl import Record


class ConversionStats:
    """Statistics of one conversion.

    counts: `read`, `written`, and dropped records by reason. notes: number of records
    per note, such as "skipped: no label". lost: number of values per field that the
    target cannot hold. progress: callback with a number of written records.
    """

    def __init__(self, progress: Callable[[int], object] = lambda done: None) -> None:
        self.progress = progress
        self.counts: Counter[str] = Counter(read=0, written=0)
        self.notes: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()

    def count_written(self, n: int) -> None:
        """Count records as read and written."""
        self.counts["read"] += n
        self.counts["written"] += n
        self.progress(n)

    def drop(self, reason: str) -> None:
        """Count a record as read and dropped."""
        self.counts["read"] += 1
        self.counts[reason] += 1

    def count_lost_fields(
        self, records: Sequence[Record], keeps: frozenset[str]
    ) -> None:
        """Count the values of fields outside `keeps` as lost.

        >>> stats = ConversionStats()
        >>> stats.count_lost_fields([{"text": "a", "time": 1}], frozenset({"text"}))
        >>> stats.lost
        Counter({'time': 1})
        """
        for field in set(chain.from_iterable(records)) - keeps:
            self.lost[field] += sum(field in record for record in records)

    def summary_lines(self) -> list[str]:
        """Return the lines of the summary: notes, then lost fields."""
        lines = [f"{n:,} {note}" for note, n in self.notes.items()]
        if self.lost:
            fields = ", ".join(f"{f} ({n:,})" for f, n in sorted(self.lost.items()))
            lines.append(f"lost: {fields}")
        return lines
