"""The n best records of a stream, no two of them alike."""

from __future__ import annotations

from operator import attrgetter

import msgspec
import numpy as np

from alcli.core.decode_errors import DECODE_ERRORS
from alcli.core.ids import seeded_uniform
from alcli.query.selection.same_texts import Text, key_of


class Entry(msgspec.Struct, gc=False):
    """A candidate."""

    utility: float
    id: str
    line: bytes
    source: str = ""
    number: int = 0  # of the line
    key: str = ""  # records that are alike share it; Best finds it in the line


class Best:
    """Keeps the n largest entries seen, at most one for each key and id.

    Equal to sorting everything, passing over keys met before, and taking n; in O(n)
    memory. Between equal utilities the noise of seed and id decides. Entries below
    `floor` need not be offered.
    """

    def __init__(self, n: int, seed: int = 0) -> None:
        self.n, self.seed = n, seed
        self.room = 2 * max(n, 100)
        self.floor = float("-inf")
        self._ranked: list[Entry] = []
        self._fresh: list[Entry] = []  # sorted in now and then: cheaper than a heap

    def offer(self, entry: Entry) -> None:
        """Look at one entry."""
        self._fresh.append(entry)
        if len(self._fresh) > self.room:
            self.ranked()

    def ranked(self) -> list[Entry]:
        """Return the best entries so far, best first."""
        best: dict[str, Entry] = {}
        ids: set[str] = set()  # one id may stand for several texts
        for entry in ranked(self._ranked + self._fresh, self.seed):
            if len(best) == self.n:
                break
            key = entry.key = entry.key or _key_of(entry)
            if key not in best and entry.id not in ids:
                best[key] = entry
                ids.add(entry.id)
        self._ranked, self._fresh = list(best.values()), []
        if len(best) == self.n:
            self.floor = self._ranked[-1].utility
        return self._ranked


def ranked(entries: list[Entry], seed: int) -> list[Entry]:
    """Return entries by utility, largest first, ties by noise."""
    utilities = np.fromiter(map(_utility, entries), np.float64, len(entries))
    order = np.argsort(-utilities)
    falling = utilities[order]
    tied = np.flatnonzero(falling[1:] == falling[:-1])
    if len(tied):
        tied = np.union1d(tied, tied + 1)
        chance = np.zeros(len(entries))
        chance[tied] = seeded_uniform(
            seed, [entries[row].id for row in order[tied].tolist()]
        )
        order = order[np.lexsort((-chance, -falling))]
    return [entries[row] for row in order.tolist()]


_utility = attrgetter("utility")


_decoder = msgspec.json.Decoder(Text)


def _key_of(entry: Entry) -> str:
    try:
        found = _decoder.decode(entry.line)
    except DECODE_ERRORS:
        found = Text()
    return key_of(entry.id, found.tokens, found.text)
