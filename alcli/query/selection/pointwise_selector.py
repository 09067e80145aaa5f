"""Selector of a batch by a pointwise strategy, from a stream of scored records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import count

import numpy as np

from alcli.core.errors import BadParameter, MissingField
from alcli.core.ids import seeded_uniform
from alcli.core.types import Floats, Indices
from alcli.numerics.apportionment import Stratum, stratum_weights
from alcli.query.selection.allocation import allocate
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.diversify import SHORTLIST, diverse_rows
from alcli.query.selection.scored_reader import ScoredReader
from alcli.query.selection.scored_rows import ScoredRows
from alcli.query.selection.top_n import Candidate, TopN
from alcli.query.settings import SelectionSettings
from alcli.query.strategies import Pointwise, Scored, name_of

RANDOM_SALT = 0x72616E64  # the random share must not follow the ties of the other


class PointwiseSelector:
    """Keeps the best records of each stratum; memory is O(n x strata).

    settings, context: as for `make_selector`, which checks them.
    """

    def __init__(
        self,
        settings: SelectionSettings,
        strategy: Pointwise,
        context: SelectionContext,
    ) -> None:
        stratify, shares = settings.strata
        self.stratify = stratify or strategy.stratify
        self._shares = shares or ("proportional" if stratify else strategy.shares)
        self._settings, self._strategy, self._context = settings, strategy, context
        self._n = settings.n - settings.n_random
        self._room = SHORTLIST if settings.diversify else 1  # candidates per record
        self._random = TopN(settings.n, settings.seed) if settings.mix_random else None
        self.reader = ScoredReader(
            strategy.needs, self.stratify, settings.seed, keys=context.has_texts
        )
        self._code: defaultdict[Stratum, int] = defaultdict(count().__next__)
        self._best: list[TopN] = []  # of each stratum, by its code
        self._sizes: list[int] = []

    def add(self, rows: ScoredRows) -> tuple[int, int]:
        """Add records; return the numbers excluded by id, and by text.

        Raises:
            BadParameter: the strategy did not return a number for each record.
            InputError: a line is not UTF-8; the state is as before the call.
        """
        scored, n = rows.scored, len(rows.scored.ids)
        utility = self._utility(scored)
        excluded, labelled, same_text = self._context.masks(rows)
        excluded |= labelled
        free = ~(excluded | same_text)
        codes = self._codes(rows.strata, n)
        floors = np.array([best.floor for best in self._best])
        places = np.flatnonzero((utility >= floors[codes]) & free)
        strata = codes[places].tolist()
        best = _candidates(rows, utility, places)
        random: list[Candidate] = []
        if self._random is not None:
            noise = seeded_uniform(self._settings.seed ^ RANDOM_SALT, scored.ids)
            above = np.flatnonzero((noise >= self._random.floor) & free)
            random = _candidates(rows, noise, above)
        # nothing may raise from here on: a block with a bad line is added again
        for code, candidate in zip(strata, best, strict=True):
            self._best[code].push(candidate)
        for candidate in random:
            assert self._random is not None
            self._random.push(candidate)
        for code, size in enumerate(np.bincount(codes[free]).tolist()):
            self._sizes[code] += size
        return int(excluded.sum()), int(same_text.sum())

    def selected(self) -> list[tuple[str, Candidate]]:
        """Return the selected records, best first, each with the strategy's name.

        Raises:
            MissingField: no record at all has the field of the strata.
            InputError: a record of the shortlist has no vector.
        """
        if self.stratify and set(self._code) == {None}:
            remedy = (
                "run `alcli topics` first"
                if self.stratify == "topic"
                else "--stratify names a field of the records"
            )
            raise MissingField(self.stratify, remedy=remedy)
        settings, context = self._settings, self._context
        best = {s: self._best[code].ranked() for s, code in self._code.items()}
        sizes = {s: self._sizes[code] for s, code in self._code.items()}
        sizes = {stratum: size for stratum, size in sizes.items() if size}
        weights = stratum_weights(self._shares, sizes)
        found = allocate(self._n * self._room, weights, best, settings.seed)
        if settings.diversify and found:
            assert context.vectors is not None  # `make_selector` checks
            ids = [candidate.id for candidate in found]
            labelled = context.labelled.ids if context.labelled else ()
            rows = diverse_rows(context.vectors, ids, labelled, self._n)
            found = [found[row] for row in rows]
        picks = [(settings.strategy_name, candidate) for candidate in found]
        if self._random is not None:
            keys = {candidate.key for candidate in found}
            ids_found = {candidate.id for candidate in found}
            spare = [
                ("random", candidate)
                for candidate in self._random.ranked()
                if candidate.key not in keys and candidate.id not in ids_found
            ]
            picks += spare[: settings.n - len(picks)]
        return picks

    def _utility(self, scored: Scored) -> Floats:
        found = self._strategy(scored, **self._settings.params)
        utility = np.asarray(found, np.float64)
        n, name = len(scored.ids), name_of(self._strategy)
        if utility.shape != (n,) or np.isnan(utility).any():
            expected = f"numbers, not NaN, of shape ({n},), not {utility.shape}"
            raise BadParameter(f"the strategy {name} must return {expected}")
        return utility

    def _codes(self, strata: Sequence[Stratum] | None, n: int) -> Indices:
        if strata is None:
            codes = np.full(n, self._code[None])
        else:
            codes = np.fromiter(map(self._code.__getitem__, strata), np.intp, n)
        settings, least = self._settings, self._settings.min_utility
        for _ in range(len(self._best), len(self._code)):
            floor = -np.inf if least is None else least
            self._best.append(TopN(settings.n * self._room, settings.seed, floor))
            self._sizes.append(0)
        return codes


def _candidates(rows: ScoredRows, utility: Floats, places: Indices) -> list[Candidate]:
    indices, ids, keys = places.tolist(), rows.scored.ids, rows.keys
    source = rows.block.source if rows.block else ""
    return [
        Candidate(value, ids[row], line, source, number, keys[row] if keys else "")
        for row, value, (number, line) in zip(
            indices, utility[places].tolist(), rows.pick(indices), strict=True
        )
    ]
