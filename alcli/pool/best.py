"""The n best records of a stream, no two of them alike."""

from __future__ import annotations

from operator import attrgetter

import msgspec

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
        kept: dict[str, Entry] = {}
        for entry in ranked(self._ranked + self._fresh, self.seed):
            kept.setdefault(entry.key, entry)
            if len(kept) == self.n:
                self.floor = entry.utility
                break
        self._ranked, self._fresh = list(kept.values()), []
        return self._ranked


def ranked(entries: list[Entry], seed: int) -> list[Entry]:
    """Return entries by utility, largest first, ties by noise."""
    if len({entry.utility for entry in entries}) < len(entries):
        chances = noise(seed, [entry.id for entry in entries]).tolist()
        rows = sorted(
            range(len(entries)),
            key=lambda row: (entries[row].utility, chances[row]),
            reverse=True,
        )
        return [entries[row] for row in rows]
    return sorted(entries, key=attrgetter("utility"), reverse=True)
