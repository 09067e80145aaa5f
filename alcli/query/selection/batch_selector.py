"""Choose a batch by a strategy that looks at all records of a pool together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from alcli.annotation.votes.ledger import Ledger
from alcli.core.errors import BadParameter
from alcli.core.fields import RenormalisedCount
from alcli.core.ids import IdSet, seeded_uniform
from alcli.core.jsonl import drop_members, members, splice
from alcli.core.report import log
from alcli.core.step import Block, Result
from alcli.features.vectors import Vectors
from alcli.query.selection.batch_context import BESIDE, Shown, name_of, require
from alcli.query.selection.labelled import Labelled
from alcli.query.selection.line_store import Lines
from alcli.query.selection.same_texts import among, counts_of
from alcli.query.selection.scored_reader import Columns
from alcli.query.strategies import Batch

_SALT = 0x72616E64  # the random part of a batch must not follow the rows' order


class _Asked(msgspec.Struct):
    query: msgspec.Raw | UnsetType = UNSET


class BatchChoice:
    """Takes blocks, one after the other; `batch()` is what the strategy chooses.

    labelled: records that are never chosen but shown. texts: keys of those that were
    asked before. vectors: of both, by id. votes:
    so far; records that have some may be chosen again. subsample: how many records the
    strategy may choose from, at random. Memory: 4 d bytes for each record, about 60 and
    its id, and what the strategy's formula says; lines of more than 64 MB wait in a
    temporary file.
    """

    def __init__(
        self,
        n: int,
        strategy: Batch,
        *,
        params: Mapping[str, Any],
        vectors: Vectors | None = None,
        labelled: Labelled | None = None,
        votes: Ledger | None = None,
        excluded: IdSet | None = None,
        texts: Sequence[IdSet] = (),
        mix_random: float = 0.0,
        subsample: int | None = None,
        seed: int = 0,
    ) -> None:
        require(
            strategy,
            vectors=vectors,
            labelled=labelled,
            votes=votes,
            subsample=subsample,
        )
        self.n, self.strategy, self.params, self.seed = n, strategy, params, seed
        self.n_random, self.subsample = round(n * mix_random), subsample
        needs = [need for need in strategy.needs if need not in BESIDE]
        self._columns = Columns(needs, None, seed, keys=True, check_text=True)
        self._lines = Lines(self._columns, seed)
        labelled, excluded = labelled or Labelled(), excluded or IdSet([])
        self._old = IdSet(labelled.ids)
        self._shown = Shown(strategy, self._lines, vectors, labelled, votes, excluded)
        self._renormalised = RenormalisedCount()
        self._texts, self._same = texts, [np.zeros(0, np.bool_)]
        self._decoder = msgspec.json.Decoder(_Asked)

    def add(self, block: Block) -> Result:
        """Look at the records of a block."""
        if block.empty:
            return Result([], {"read": 0})
        rows = self._columns.read(block)
        ids = rows.scored.ids
        excluded = self._shown.excluded.contains(ids)
        gone = excluded | self._old.contains(ids)
        same = among(self._texts, rows.keys, len(gone)) & ~gone
        self._same.append(same)
        self._lines.add(block, rows)
        self._renormalised.add(rows.sums)
        return Result([], counts_of(excluded, same))

    def batch(self, name: str) -> list[bytes]:
        """Return the chosen lines, best first, each with its `query`.

        Raises:
            InputError: vectors, labels or probs of some record are missing, or vectors
                are of no record.
            MemoryRefused: there is less than the strategy needs.
        """
        self._renormalised.warn()
        ids, shown = self._lines.ids, self._shown
        if not ids:
            return []
        gone = shown.excluded.contains(ids) | self._old.contains(ids)
        gone |= np.concatenate(self._same)
        voted = shown.voted()
        rows = self._lines.distinct(gone, voted)
        wanted = rows[: self.subsample]
        k = min(self.n - self.n_random, len(wanted))
        picks = [(name, row) for row in wanted[self._chosen(wanted, k)].tolist()]
        if self.n_random:
            chance = seeded_uniform(
                self.seed ^ _SALT, [ids[row] for row in rows.tolist()]
            )
            taken = {row for _, row in picks}
            spare = [r for r in rows[np.argsort(-chance)].tolist() if r not in taken]
            picks += [("random", row) for row in spare[: self.n - len(picks)]]
        if shown.votes is not None:
            again = sum(bool(voted[row]) for _, row in picks)
            log.info("%d of the %d chosen are asked again", again, len(picks))
        return [
            self._with_query(strategy, self._lines.line(row), rank)
            for rank, (strategy, row) in enumerate(picks, 1)
        ]

    def _chosen(self, wanted: NDArray[np.intp], k: int) -> NDArray[np.intp]:
        places = self._shown.places(wanted)  # ids are checked, whatever is left to ask
        if not k:
            return np.empty(0, np.intp)
        pool = self._shown.pool(wanted, places, k)
        rng = np.random.default_rng(self.seed)
        found = np.asarray(self.strategy(pool, k, rng, **self.params))
        good = found.shape == (k,) and np.issubdtype(found.dtype, np.integer)
        if not (good and len(np.intersect1d(found, np.arange(len(pool)))) == k):
            raise BadParameter(
                f"the strategy {name_of(self.strategy)} must return {k} different "
                f"rows, not {found.dtype} of shape {found.shape}"
            )
        return found

    def _with_query(self, strategy: str, line: bytes, rank: int) -> bytes:
        if self._decoder.decode(line).query is not UNSET:
            line = drop_members(line, "query")  # of an earlier round
        return splice(line, members({"query": {"strategy": strategy, "rank": rank}}))
