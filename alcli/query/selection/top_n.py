"""The n best candidates of a stream, each text and each id once."""

from __future__ import annotations

from operator import attrgetter

import msgspec
import numpy as np

from alcli.core.decode_errors import DECODE_ERRORS
from alcli.core.fields import record_decoder
from alcli.core.ids import seeded_uniform
from alcli.query.selection.exclusion import TEXT_MEMBERS, text_key


class Candidate(msgspec.Struct, gc=False):
    """A record that may be selected.

    utility: None of a batch strategy, which ranks without one.
    line, source, number: line of the record, its file and line number; without a line
        number is a row index.
    key: text key; empty: `TopN` reads it from the line.
    """

    utility: float | None
    id: str
    line: bytes = b""
    source: str = ""
    number: int = 0
    key: str = ""


class TopN:
    """The n candidates of largest utility, at most one for each key and id, in O(n).

    Equal to a sort of all candidates from which later ones of equal key or id are
    dropped. Ties are broken by the noise of seed and id.

    floor: least utility that can still enter; candidates below need not be pushed.
    """

    def __init__(self, n: int, seed: int = 0, floor: float = float("-inf")) -> None:
        self.n, self.seed, self.floor = n, seed, floor
        self._limit = 2 * max(n, 100)
        self._ranked: list[Candidate] = []
        self._new: list[Candidate] = []  # sorted in now and then: cheaper than a heap

    def push(self, candidate: Candidate) -> None:
        """Add a candidate."""
        self._new.append(candidate)
        if len(self._new) > self._limit:
            self.ranked()

    def ranked(self) -> list[Candidate]:
        """Return the best candidates so far, best first."""
        best: dict[str, Candidate] = {}
        ids: set[str] = set()  # records of one id may differ in their texts
        for candidate in ranked(self._ranked + self._new, self.seed):
            if len(best) == self.n:
                break
            key = candidate.key = candidate.key or _key_in_line(candidate)
            if key not in best and candidate.id not in ids:
                best[key] = candidate
                ids.add(candidate.id)
        self._ranked, self._new = list(best.values()), []
        if len(best) == self.n:
            self.floor = _utility(self._ranked[-1])
        return self._ranked


def ranked(candidates: list[Candidate], seed: int) -> list[Candidate]:
    """Return candidates by utility, largest first; noise breaks ties."""
    utilities = np.fromiter(map(_utility, candidates), np.float64, len(candidates))
    order = np.argsort(-utilities)
    falling = utilities[order]
    tied = np.flatnonzero(falling[1:] == falling[:-1])
    if len(tied):
        tied = np.union1d(tied, tied + 1)
        noise = np.zeros(len(candidates))
        ids = [candidates[row].id for row in order[tied].tolist()]
        noise[tied] = seeded_uniform(seed, ids)
        order = order[np.lexsort((-noise, -falling))]
    return [candidates[row] for row in order.tolist()]


_utility = attrgetter("utility")
_decoder = record_decoder(*TEXT_MEMBERS)


def _key_in_line(candidate: Candidate) -> str:
    try:
        record = _decoder.decode(candidate.line)
    except DECODE_ERRORS:  # arrays have no line; unread fields may be no UTF-8
        return text_key(candidate.id, None, None)
    return text_key(candidate.id, record.tokens, record.text)
