"""Selector of a batch by a strategy that compares all records of a pool."""

from __future__ import annotations

import numpy as np

from alcli.core.errors import BadParameter
from alcli.core.ids import seeded_uniform
from alcli.core.log import log
from alcli.core.types import Indices
from alcli.query.selection.batch_context import BatchContext
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.line_store import LineStore
from alcli.query.selection.pointwise_selector import RANDOM_SALT
from alcli.query.selection.scored_reader import ScoredReader
from alcli.query.selection.scored_rows import ScoredRows
from alcli.query.selection.top_n import Candidate
from alcli.query.settings import SelectionSettings
from alcli.query.strategies import POOL_LEVEL_NEEDS, Batch, name_of


class BatchSelector:
    """Keeps all records, and calls the strategy once.

    Memory: 4 d bytes for each vector, an id and about 60 bytes for each record, and
    that of the strategy's formula; more than 64 MB of lines are in a temporary file.
    Records with votes may be selected again.

    settings, context: as for `make_selector`, which checks them.
    """

    def __init__(
        self, settings: SelectionSettings, strategy: Batch, context: SelectionContext
    ) -> None:
        self._settings, self._strategy, self._context = settings, strategy, context
        self._store = LineStore()
        self._pools = BatchContext(strategy, self._store, context)
        needs = [need for need in strategy.needs if need not in POOL_LEVEL_NEEDS]
        self.reader = ScoredReader(
            needs, None, settings.seed, keys=True, check_text=True
        )

    def add(self, rows: ScoredRows) -> tuple[int, int]:
        """Add records; return the numbers excluded by id, and by text."""
        # strategies that relabel may select a text again
        texts = "votes" not in self._strategy.needs
        excluded, labelled, same_text = self._context.masks(rows, texts=texts)
        self._store.add(rows, ~(excluded | labelled | same_text))
        return int(excluded.sum()), int(same_text.sum())

    def selected(self) -> list[tuple[str, Candidate]]:
        """Return the selected records, best first, each with the strategy's name.

        Raises:
            InputError: a vector, label or probs are missing, or a vector is of no
                record.
            MemoryRefused: the strategy needs more memory than there is.
            BadParameter: the strategy did not return k different rows.
        """
        settings, ids = self._settings, self._store.ids
        if not ids:
            return []
        voted = self._pools.voted()
        rows = self._store.distinct(preferred=voted)
        sample = rows[: settings.subsample]
        k = min(settings.n - settings.n_random, len(sample))
        found = sample[self._selected_rows(sample, k)].tolist()
        names = [settings.strategy_name] * k
        if settings.n_random:
            salted = settings.seed ^ RANDOM_SALT
            noise = seeded_uniform(salted, [ids[row] for row in rows.tolist()])
            taken = set(found)
            spare = [r for r in rows[np.argsort(-noise)].tolist() if r not in taken]
            found += spare[: settings.n - k]
            names += ["random"] * (len(found) - k)
        if self._context.votes is not None:
            again = sum(voted[found].tolist())
            log.info("%d of the %d selected have votes already", again, len(found))
        return [
            (name, Candidate(None, ids[row], self._store.line(row), number=row))
            for name, row in zip(names, found, strict=True)
        ]

    def _selected_rows(self, sample: Indices, k: int) -> Indices:
        places = self._pools.vector_rows(sample)  # also checks the ids of vectors
        if not k:
            return np.empty(0, np.intp)
        pool = self._pools.pool(sample, places, k)
        rng = np.random.default_rng(self._settings.seed)
        found = np.asarray(self._strategy(pool, k, rng, **self._settings.params))
        valid = found.shape == (k,) and np.issubdtype(found.dtype, np.integer)
        if not (valid and len(np.intersect1d(found, np.arange(len(pool)))) == k):
            raise BadParameter(
                f"the strategy {name_of(self._strategy)} must return {k} different "
                f"rows, not {found.dtype} of shape {found.shape}"
            )
        return found
