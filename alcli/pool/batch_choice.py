"""Choose a batch by a strategy that looks at all records of a pool together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from alcli.core.arrow import REMEDY
from alcli.core.errors import BadParameter, InputError, MissingField, UsageError
from alcli.core.ids import IdSet, noise
from alcli.core.jsonl import members, splice, without
from alcli.core.memory import ensure
from alcli.core.report import log
from alcli.core.step import Block, Result
from alcli.core.vectors import Vectors
from alcli.pool.columns import Columns
from alcli.pool.labelled import Labelled
from alcli.pool.lines import Lines
from alcli.strategies import Batch, Pool, Scored, Size
from alcli.votes.ledger import Ledger
from alcli.votes.pool import votes_on

_SALT = 0x72616E64  # the random part of a batch must not follow the rows' order
_OURS = {"vectors", "labelled", "labels", "labelled-probs", "votes"}


class _Asked(msgspec.Struct):
    query: msgspec.Raw | UnsetType = UNSET


class BatchChoice:
    """Takes blocks, one after the other; `batch()` is what the strategy chooses.

    labelled: records that are never chosen but shown. vectors: of both, by id. votes:
    so far; records that have some may be chosen again. subsample: how many records the
    strategy may choose from, by chance. Memory: 4 d bytes for each record, about 60 and
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
        mix_random: float = 0.0,
        subsample: int | None = None,
        seed: int = 0,
    ) -> None:
        self.n, self.strategy, self.params, self.seed = n, strategy, params, seed
        self.name = getattr(strategy, "__name__", "the strategy").replace("_", "-")
        self.vectors, self.labelled = vectors, labelled or Labelled()
        self.votes = votes
        self.excluded, self.subsample = excluded or IdSet([]), subsample
        self.n_random = round(n * mix_random)
        needs = set(strategy.needs)
        self._columns = Columns(
            [x for x in strategy.needs if x not in _OURS], None, seed, tokens=True
        )
        self._lines = Lines(self._columns, seed)
        self._decoder = msgspec.json.Decoder(_Asked)
        if "vectors" in needs and vectors is None:
            raise UsageError(f"{self.name} needs --vectors FILE; {REMEDY}")
        if needs & {"labelled", "labels", "labelled-probs"} and labelled is None:
            raise UsageError(f"{self.name} needs labelled records: --labelled FILE")
        if ("votes" in needs) != (votes is not None):
            what = "needs" if votes is None else "has no use for"
            raise UsageError(f"{self.name} {what} the votes so far: --votes FILE")
        if votes is not None and subsample is not None:
            raise UsageError(f"{self.name} weighs all votes: no --subsample")

    def add(self, block: Block) -> Result:
        """Look at the records of a block."""
        if block.empty:
            return Result([], {"read": 0})
        rows = self._columns.read(block)
        gone = self.excluded.contains(rows.scored.ids)
        self._lines.add(block, rows)
        return Result([], {"read": len(gone), "excluded": int(gone.sum())})

    def batch(self, name: str) -> list[bytes]:
        """Return the chosen lines, best first, each with its `query`.

        Raises:
            InputError: vectors, labels or probs of some record are missing, or vectors
                are of no record.
            MemoryRefused: there is less than the strategy needs.
        """
        ids = self._lines.ids
        if not ids:
            return []
        asked = IdSet(self.labelled.ids)
        gone = self.excluded.contains(ids) | asked.contains(ids)
        voted = self._voted()
        rows = self._lines.distinct(gone, voted)
        wanted = rows[: self.subsample]
        k = min(self.n - self.n_random, len(wanted))
        picks = [(name, row) for row in wanted[self._chosen(wanted, k)].tolist()]
        if self.n_random:
            chance = noise(self.seed ^ _SALT, [ids[row] for row in rows.tolist()])
            taken = {row for _, row in picks}
            spare = [r for r in rows[np.argsort(-chance)].tolist() if r not in taken]
            picks += [("random", row) for row in spare[: self.n - len(picks)]]
        if self.votes is not None:
            again = sum(bool(voted[row]) for _, row in picks)
            log.info("%d of the %d chosen are asked again", again, len(picks))
        return [
            self._with_query(strategy, self._lines.line(row), rank)
            for rank, (strategy, row) in enumerate(picks, 1)
        ]

    def _chosen(self, wanted: NDArray[np.intp], k: int) -> NDArray[np.intp]:
        places = self._places(wanted)  # the ids are checked, whatever is left to ask
        if not k:
            return np.empty(0, np.intp)
        pool = self._pool(wanted, places, k)
        rng = np.random.default_rng(self.seed)
        found = np.asarray(self.strategy(pool, k, rng, **self.params))
        good = found.shape == (k,) and np.issubdtype(found.dtype, np.integer)
        if not (good and len(np.intersect1d(found, np.arange(len(pool)))) == k):
            raise BadParameter(
                f"the strategy {self.name} must return {k} different rows, "
                f"not {found.dtype} of shape {found.shape}"
            )
        return found

    def _pool(
        self,
        wanted: NDArray[np.intp],
        places: tuple[NDArray[np.intp], NDArray[np.intp]],
        k: int,
    ) -> Pool:
        classes, old = self._columns.classes, self.labelled
        d = self.vectors.width if self.vectors else 0
        n, m = len(wanted), len(old)
        votes, voted = self.votes, self._voted()
        said = (votes.size, int(voted.sum())) if votes is not None else (0, 0)
        size = Size(n, d, len(classes), m, k, *said)
        ensure(
            (n + m) * (4 * d + 16 * len(classes)) + self.strategy.memory(size),
            remedy="choose from a sample of the pool: --subsample N",
        )
        order = sorted(range(len(classes)), key=classes.__getitem__)
        scored = self._lines.scored(wanted, order)
        names = [classes[place] for place in order]
        probs = self._labelled_probs(names, order)
        vectors = [
            self.vectors.take(rows) if self.vectors else np.empty((len(rows), 0), "f4")
            for rows in places
        ]
        by_chance = np.argsort(-noise(self.seed, old.ids), kind="stable")
        shown = Pool(
            Scored(old.ids, probs, {}, self.seed),
            vectors[1],
            self._label_numbers(names),
        )
        pool = Pool(scored, vectors[0], None, shown.take(by_chance))
        if votes is None:
            return pool
        others = np.setdiff1d(np.flatnonzero(voted), wanted)
        more = self._lines.scored(others, order)
        every = [*scored.ids, *more.ids], np.concatenate([scored.probs, more.probs])
        return replace(pool, votes=votes_on(votes, every[0], names, every[1]))

    def _voted(self) -> NDArray[np.bool_]:
        """Say which records have votes, (n,)."""
        known = self.votes.ids if self.votes is not None else ()
        ids = self._lines.ids
        return np.fromiter((id in known for id in ids), np.bool_, len(ids))

    def _places(
        self, wanted: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return where the vectors of the pool and of labelled records are."""
        if self.vectors is None:
            return wanted, np.arange(len(self.labelled))
        ids, old, source = self._lines.ids, self.labelled.ids, self.vectors.source
        self.vectors.rows_of_all([ids[row] for row in wanted.tolist()], "records")
        shown = self.vectors.rows_of_all(old, "labelled records")
        rows = self.vectors.rows(ids)
        extra = np.ones(len(self.vectors.ids), bool)
        extra[rows[rows >= 0]] = extra[shown] = False
        strangers = self.vectors.ids.filter(extra).to_pylist()
        unknown = ~self.excluded.contains(strangers)
        if unknown.any():
            raise InputError(
                f"vectors of {unknown.sum():,} ids that no record has, such as "
                f'"{strangers[int(unknown.argmax())]}"; name all records that were '
                "scored, and those of --labelled and --exclude",
                source=source,
            )
        return rows[wanted], shown

    def _labelled_probs(
        self, names: list[str], order: list[int]
    ) -> NDArray[np.float64]:
        old, nothing = self.labelled, np.empty((len(self.labelled), 0))
        self._require_labelled()
        if "labelled-probs" not in self.strategy.needs:
            return nothing
        row_of = {id: row for row, id in enumerate(self._lines.ids)}
        rows = np.array([row_of[id] for id in old.ids if id in row_of], np.intp)
        here = self._lines.scored(rows, order)
        found = old.matrix(names, dict(zip(here.ids, here.probs.tolist(), strict=True)))
        if found is None:
            remedy = "the labelled records need them too: run `alcli score` on them"
            raise MissingField("probs", remedy=remedy)
        return found

    def _require_labelled(self) -> None:
        needs, old = self.strategy.needs, self.labelled
        if {"labelled", "labelled-probs"} & set(needs) and not old.ids:
            raise InputError(f"{self.name} needs labelled records, and there are none")
        if "labels" in needs and not any(label is not None for label in old.labels):
            raise InputError(f"{self.name} needs records with a label; there are none")

    def _label_numbers(self, names: Iterable[str]) -> NDArray[np.intp]:
        labels = self.labelled.labels
        known = list(names) or sorted({x for x in labels if x is not None})
        numbers = {label: number for number, label in enumerate(known)}
        for id, label in zip(self.labelled.ids, labels, strict=True):
            if label is not None and label not in numbers:
                raise InputError(
                    f'the label "{label}" of id "{id}" is no class of "probs"; '
                    "train with --grow-classes, and score again"
                )
        found = [-1 if label is None else numbers[label] for label in labels]
        return np.array(found, np.intp)

    def _with_query(self, strategy: str, line: bytes, rank: int) -> bytes:
        if self._decoder.decode(line).query is not UNSET:
            line = without(line, "query")  # of an earlier round
        return splice(line, members({"query": {"strategy": strategy, "rank": rank}}))
