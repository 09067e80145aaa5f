"""Choose a batch from a stream of scored records by a pointwise strategy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from alcli.core.decode_errors import explain
from alcli.core.errors import BadParameter, InputError, MissingField
from alcli.core.fields import RenormalisedCount
from alcli.core.ids import IdSet, seeded_uniform
from alcli.core.jsonl import drop_members, members, splice
from alcli.core.step import Block, Result
from alcli.numerics.apportionment import Stratum, stratum_weights
from alcli.query.selection.allocation import allocate
from alcli.query.selection.diversify import SHORTLIST, Diverse
from alcli.query.selection.same_texts import among, counts_of
from alcli.query.selection.scored_reader import Columns
from alcli.query.selection.top_n import Best, Entry
from alcli.query.strategies import Pointwise

_SALT = 0x72616E64  # the random part of a batch must not follow the ties of the other


class _Asked(msgspec.Struct):
    query: msgspec.Raw | UnsetType = UNSET


class Choice:
    """Takes blocks, one after the other; `batch()` is what was best in all of them.

    texts: keys of those that were asked before. shares: of the strata, as in `weights`.
    min_utility: what a record needs at least. diverse: what chooses of a shortlist, for
    one stratum.
    Memory is O(n x strata), whatever the size of the pool. Bad UTF-8 in a field that
    nobody reads is an error of the batch; with `check_text` of whichever block has a
    record with it that might be chosen, at the price of some time.
    """

    def __init__(
        self,
        n: int,
        strategy: Pointwise,
        *,
        params: Mapping[str, Any],
        stratify: str | None = None,
        shares: str | None = None,
        excluded: IdSet | None = None,
        texts: Sequence[IdSet] = (),
        mix_random: float = 0.0,
        min_utility: float = -np.inf,
        diverse: Diverse | None = None,
        seed: int = 0,
        check_text: bool = False,
    ) -> None:
        self.n, self.strategy, self.params = n, strategy, params
        self.stratify = stratify or strategy.stratify
        self.shares = shares or ("proportional" if stratify else strategy.shares)
        self.min_utility, self.diverse = min_utility, diverse
        self.room = n * (SHORTLIST if diverse else 1)
        self.columns = Columns(strategy.needs, self.stratify, seed, keys=bool(texts))
        self.excluded, self.texts = excluded or IdSet([]), texts
        self.renormalised = RenormalisedCount()
        self.by_chance = Best(n, seed) if mix_random else None
        self.n_random = round(n * mix_random)
        self.seed, self.check_text = seed, check_text
        self.sizes: Counter[Stratum] = Counter()
        self._index: defaultdict[Stratum, int] = defaultdict(count().__next__)
        self._best: list[Best] = []
        self._floors = np.empty(0)
        self._decoder = msgspec.json.Decoder(_Asked)

    def add(self, block: Block) -> Result:
        """Look at the records of a block."""
        if block.empty:
            return Result([], {"read": 0})
        rows = self.columns.read(block)
        scored, strata = rows.scored, rows.strata
        utility = np.asarray(self.strategy(scored, **self.params), np.float64)
        if utility.shape != (len(scored.ids),) or np.isnan(utility).any():
            name = getattr(self.strategy, "__name__", "")
            raise BadParameter(
                f"the strategy {name} must return numbers, not NaN, "
                f"of shape ({len(scored.ids)},), not {utility.shape}"
            )
        excluded = self.excluded.contains(scored.ids)
        same = among(self.texts, rows.keys, len(excluded)) & ~excluded
        gone = excluded | same
        codes = self._codes(strata, len(gone))
        floors = np.maximum(self._floors[codes], self.min_utility)
        candidates = np.flatnonzero((utility >= floors) & ~gone).tolist()
        homes = codes[candidates].tolist()
        chosen = self._entries(block, scored.ids, utility, candidates)
        lucky: list[Entry] = []
        if self.by_chance is not None:
            chance = seeded_uniform(self.seed ^ _SALT, scored.ids)
            above = np.flatnonzero((chance >= self.by_chance.floor) & ~gone).tolist()
            lucky = self._entries(block, scored.ids, chance, above)
        # nothing may raise from here on: a block with a bad line comes again
        self.renormalised.add(rows.sums)
        for code, entry in zip(homes, chosen, strict=True):
            self._best[code].offer(entry)
        for code in set(homes):
            self._floors[code] = self._best[code].floor
        for entry in lucky:
            assert self.by_chance is not None
            self.by_chance.offer(entry)
        names = list(self._index)
        for code, size in enumerate(np.bincount(codes[~gone]).tolist()):
            self.sizes[names[code]] += size
        return Result([], counts_of(excluded, same))

    def batch(self, name: str) -> list[bytes]:
        """Return the chosen lines, best first, each with its `query`.

        Raises:
            MissingField: no record at all has the field that makes the strata.
        """
        self.renormalised.warn()
        if self.stratify and set(self._index) == {None}:
            remedy = (
                "run `alcli topics` first"
                if self.stratify == "topic"
                else ("--stratify names a field of the records")
            )
            raise MissingField(self.stratify, remedy=remedy)
        sizes = {stratum: size for stratum, size in self.sizes.items() if size}
        ranked = {s: self._best[self._index[s]].ranked() for s in sizes}
        shares = stratum_weights(self.shares, sizes)
        n = self.n - self.n_random
        room = n * (SHORTLIST if self.diverse else 1)
        chosen = allocate(room, shares, ranked, self.seed)
        if self.diverse and chosen:
            places = self.diverse([entry.id for entry in chosen], n)
            chosen = [chosen[place] for place in places]
        picks = [(name, entry) for entry in chosen]
        if self.by_chance is not None:
            keys = {entry.key for _, entry in picks}
            ids = {entry.id for _, entry in picks}
            spare = [
                entry
                for entry in self.by_chance.ranked()
                if entry.key not in keys and entry.id not in ids
            ]
            picks += [("random", e) for e in spare[: self.n - len(picks)]]
        return [
            self._with_query(strategy, entry, rank)
            for rank, (strategy, entry) in enumerate(picks, 1)
        ]

    def _codes(self, strata: Any, n: int) -> np.ndarray[Any, np.dtype[np.intp]]:
        index = self._index
        if strata is None:
            codes = np.full(n, index[None])
        else:
            codes = np.fromiter(map(index.__getitem__, strata), np.intp, n)
        while len(self._best) < len(index):
            self._best.append(Best(self.room, self.seed))
            self._floors = np.append(self._floors, -np.inf)
        return codes

    def _entries(
        self, block: Block, ids: Any, utility: Any, rows: list[int]
    ) -> list[Entry]:
        lines = block.pick(rows, count=len(ids))
        values, source = utility[rows].tolist(), block.source
        for number, line in lines if self.check_text else ():
            _check_text(line, source, number)
        return [
            Entry(value, ids[row], line, source, number)
            for row, value, (number, line) in zip(rows, values, lines, strict=True)
        ]

    def _with_query(self, strategy: str, entry: Entry, rank: int) -> bytes:
        line = entry.line
        _check_text(line, entry.source, entry.number)
        if self._decoder.decode(line).query is not UNSET:
            line = drop_members(line, "query")  # of an earlier round
        query = {"strategy": strategy, "utility": entry.utility, "rank": rank}
        return splice(line, members({"query": query}))


def _check_text(line: bytes, source: str, number: int) -> None:
    try:
        line.decode()  # the fields that were never looked at
    except UnicodeDecodeError as error:
        raise InputError(explain(error), source=source, line=number) from error
