"""The n best records of a stream, no two of them alike."""

from __future__ import annotations

from operator import attrgetter

import msgspec
import numpy as np

from alcli.core.ids import noise


class Entry(msgspec.Struct, gc=False):
    """A candidate."""

    utility: float
    id: str
    key: str  # records with equal keys are alike
    line: bytes
    source: str = ""
    number: int = 0  # of the line


class Best:
    """Keeps the n largest entries seen, at most one for each key.

    Equal to sorting everything, passing over keys met before, and taking n; in O(n)
    memory. Between equal utilities the noise of seed and id decides. Entries below
    `floor` need not be offered.
    """

    def __init__(self, n: int, seed: int = 0) -> None:
        self.n, self.seed = n, seed
        self.floor = float("-inf")
        self._ranked: list[Entry] = []
        self._fresh: list[Entry] = []  # sorted in now and then: cheaper than a heap

    def offer(self, entry: Entry) -> None:
        """Look at one entry."""
        self._fresh.append(entry)
        if len(self._fresh) > max(self.n, 100):
            self.ranked()

    def ranked(self) -> list[Entry]:
        """Return the best entries so far, best first."""
        entries = ranked(self._ranked + self._fresh, self.seed)
        best = entries[: self.n]
        if len({entry.key for entry in best}) < len(best):
            kept: dict[str, Entry] = {}
            for entry in entries:
                kept.setdefault(entry.key, entry)
            best = list(kept.values())[: self.n]
        if len(best) == self.n:
            self.floor = best[-1].utility
        self._ranked, self._fresh = best, []
        return best


def ranked(entries: list[Entry], seed: int) -> list[Entry]:
    """Return entries by utility, largest first, ties by noise."""
    utilities = np.fromiter(map(_utility, entries), np.float64, len(entries))
    order = np.argsort(-utilities)
    if (np.diff(utilities[order]) == 0).any():
        order = np.lexsort((-noise(seed, [entry.id for entry in entries]), -utilities))
    return [entries[row] for row in order.tolist()]


_utility = attrgetter("utility")
