"""Context of a batch strategy: builds the `Pool` that is passed to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alcli.annotation.votes.ledger import Ledger
from alcli.annotation.votes.pool_votes import votes_on
from alcli.core.errors import InputError, MissingField, UsageError
from alcli.core.ids import IdSet, seeded_uniform
from alcli.core.memory import ensure
from alcli.features.vector_files import VECTORS_REMEDY
from alcli.features.vectors import Vectors
from alcli.numerics.distances import centre
from alcli.query.selection.labelled import Labelled
from alcli.query.selection.line_store import Lines
from alcli.query.strategies import Batch, Pool, Scored, Size

# what a strategy may need that is not in the records it chooses from
BESIDE = {"vectors", "labelled", "labels", "labelled-probs", "votes"}


@dataclass(frozen=True)
class Shown:
    """Candidates of a batch strategy, with vectors, labelled records and votes.

    vectors: by id, of all. labelled: records that are never chosen. votes: so far.
    excluded: ids that are not chosen, and need not be there.
    """

    strategy: Batch
    lines: Lines
    vectors: Vectors | None
    labelled: Labelled
    votes: Ledger | None
    excluded: IdSet

    def places(
        self, wanted: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return where the vectors of these rows and of labelled records are.

        Raises:
            InputError: a vector is missing, or one is of no record.
        """
        if self.vectors is None:
            return wanted, np.arange(len(self.labelled))
        ids, old, source = self.lines.ids, self.labelled.ids, self.vectors.source
        self.vectors.require_rows([ids[row] for row in wanted.tolist()], "records")
        old_rows = self.vectors.require_rows(old, "labelled records")
        rows = self.vectors.rows(ids)
        extra = np.ones(len(self.vectors.ids), bool)
        extra[rows[rows >= 0]] = extra[old_rows] = False
        strangers = self.vectors.ids.filter(extra).to_pylist()
        unknown = ~self.excluded.contains(strangers)
        if unknown.any():
            raise InputError(
                f"vectors of {unknown.sum():,} ids that no record has, such as "
                f'"{strangers[int(unknown.argmax())]}"; name all records that were '
                "scored, and those of --labelled and --exclude",
                source=source,
            )
        return rows[wanted], old_rows

    def pool(
        self,
        wanted: NDArray[np.intp],
        places: tuple[NDArray[np.intp], NDArray[np.intp]],
        k: int,
    ) -> Pool:
        """Return the `Pool` of the wanted rows, of which k are to be chosen.

        Raises:
            InputError: labels or probs of some record are missing.
            MemoryRefused: there is less than the strategy needs.
        """
        classes, old = self.lines.columns.classes, self.labelled
        n, m, d = len(wanted), len(old), self.vectors.width if self.vectors else 0
        votes, voted = self.votes, self.voted()
        said = (votes.size, int(voted.sum())) if votes is not None else (0, 0)
        size = Size(n, d, len(classes), m, k, *said)
        ensure(
            (n + m) * (4 * d + 16 * len(classes)) + self.strategy.memory(size),
            remedy="choose from a sample of the pool: --subsample N",
        )
        order = sorted(range(len(classes)), key=classes.__getitem__)
        scored = self.lines.scored(wanted, order)
        names = [classes[place] for place in order]
        probs = self._labelled_probs(names, order)
        vectors = [
            self.vectors.take(rows) if self.vectors else np.empty((len(rows), 0), "f4")
            for rows in places
        ]
        if self.strategy.centred:
            centre(*vectors)
        by_chance = np.argsort(-seeded_uniform(self.lines.seed, old.ids), kind="stable")
        answered = Pool(
            Scored(old.ids, probs, {}, self.lines.seed),
            vectors[1],
            self._label_numbers(names),
        )
        pool = Pool(scored, vectors[0], None, answered.take(by_chance))
        if votes is None:
            return pool
        others = np.setdiff1d(np.flatnonzero(voted), wanted)
        more = self.lines.scored(others, order)
        every = [*scored.ids, *more.ids], np.concatenate([scored.probs, more.probs])
        return replace(pool, votes=votes_on(votes, every[0], names, every[1]))

    def voted(self) -> NDArray[np.bool_]:
        """Return a mask of the records that have votes, (n,)."""
        known = self.votes.ids if self.votes is not None else ()
        ids = self.lines.ids
        return np.fromiter((id in known for id in ids), np.bool_, len(ids))

    def _labelled_probs(
        self, names: list[str], order: list[int]
    ) -> NDArray[np.float64]:
        old, nothing = self.labelled, np.empty((len(self.labelled), 0))
        self._require_labelled()
        if "labelled-probs" not in self.strategy.needs:
            return nothing
        row_of = {id: row for row, id in enumerate(self.lines.ids)}
        rows = np.array([row_of[id] for id in old.ids if id in row_of], np.intp)
        here = self.lines.scored(rows, order)
        found = old.matrix(names, dict(zip(here.ids, here.probs.tolist(), strict=True)))
        if found is None:
            remedy = "the labelled records need them too: run `alcli score` on them"
            raise MissingField("probs", remedy=remedy)
        return found

    def _require_labelled(self) -> None:
        needs, old, name = self.strategy.needs, self.labelled, name_of(self.strategy)
        if {"labelled", "labelled-probs"} & set(needs) and not old.ids:
            raise InputError(f"{name} needs labelled records, and there are none")
        if "labels" in needs and not any(label is not None for label in old.labels):
            raise InputError(f"{name} needs records with a label; there are none")

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


def name_of(strategy: Batch) -> str:
    """Return the command-line name of a strategy."""
    return getattr(strategy, "__name__", "the strategy").replace("_", "-")


def require(
    strategy: Batch,
    *,
    vectors: Vectors | None,
    labelled: Labelled | None,
    votes: Ledger | None,
    subsample: int | None,
) -> None:
    """Raise a UsageError if a strategy lacks something, or cannot use it."""
    needs, name = set(strategy.needs), name_of(strategy)
    if "vectors" in needs and vectors is None:
        raise UsageError(f"{name} needs --vectors FILE; {VECTORS_REMEDY}")
    if needs & {"labelled", "labels", "labelled-probs"} and labelled is None:
        raise UsageError(f"{name} needs labelled records: --labelled FILE")
    if ("votes" in needs) != (votes is not None):
        what = "needs" if votes is None else "has no use for"
        raise UsageError(f"{name} {what} the votes so far: --votes FILE")
    if votes is not None and subsample is not None:
        raise UsageError(f"{name} weighs all votes: no --subsample")
