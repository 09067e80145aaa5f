"""What a conversion has to say: counts, what people should know, what is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain

from alcli.core.jsonl import Record


class Tally:
    """Counts of one run.

    counts: `read`, `written`, and what was left out, by reason. notes: what happened
    to records that were kept. lost: fields that the target cannot hold.
    """

    def __init__(self, progress: Callable[[int], object] = lambda done: None) -> None:
        self.progress = progress
        self.counts: Counter[str] = Counter(read=0, written=0)
        self.notes: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()

    def written(self, n: int) -> None:
        """Count records that were read and are written."""
        self.counts["read"] += n
        self.counts["written"] += n
        self.progress(n)

    def leave_out(self, why: str) -> None:
        """Count a record that was read and goes no further."""
        self.counts["read"] += 1
        self.counts[why] += 1

    def holding(self, records: Sequence[Record], keeps: frozenset[str]) -> None:
        """Count fields that are not in `keeps`.

        >>> tally = Tally()
        >>> tally.holding([{"text": "a", "time": 1}], frozenset({"text"}))
        >>> tally.lost
        Counter({'time': 1})
        """
        for field in set(chain.from_iterable(records)) - keeps:
            self.lost[field] += sum(field in record for record in records)

    def said(self) -> list[str]:
        """Return lines for people: notes, then what is lost."""
        lines = [f"{n:,} {note}" for note, n in self.notes.items()]
        if self.lost:
            fields = ", ".join(f"{f} ({n:,})" for f, n in sorted(self.lost.items()))
            lines.append(f"lost: {fields}")
        return lines
