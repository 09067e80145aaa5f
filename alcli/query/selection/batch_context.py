"""Context of a batch strategy: builds the `Pool` that is passed to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alcli.annotation.votes.pool_votes import votes_on
from alcli.core.errors import InputError, MissingField
from alcli.core.ids import seeded_uniform
from alcli.core.memory import ensure
from alcli.core.types import Floats, Indices
from alcli.numerics.distances import centre
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.labelled import LabelledPool
from alcli.query.selection.line_store import LineStore
from alcli.query.strategies import Batch, Pool, Scored, Size, name_of


@dataclass(frozen=True)
class BatchContext:
    """Stored records of a batch strategy, and the loaded inputs beside them."""

    strategy: Batch
    store: LineStore
    inputs: SelectionContext

    @property
    def labelled(self) -> LabelledPool:
        """Labelled records; none if there is no such input."""
        return self.inputs.labelled or LabelledPool()

    def voted(self) -> NDArray[np.bool_]:
        """Return the mask of the records that have votes, (n,)."""
        known = self.inputs.votes.ids if self.inputs.votes is not None else ()
        ids = self.store.ids
        return np.fromiter((id in known for id in ids), np.bool_, len(ids))

    def vector_rows(self, rows: Indices) -> tuple[Indices, Indices]:
        """Return the indices of the vectors of these rows, and of labelled records.

        Raises:
            InputError: a vector is missing, or one is of no record.
        """
        vectors, labelled = self.inputs.vectors, self.labelled.ids
        if vectors is None:
            return rows, np.arange(len(labelled))
        ids = self.store.ids
        vectors.require_rows([ids[row] for row in rows.tolist()], "records")
        labelled_rows = vectors.require_rows(labelled, "labelled records")
        of_records = vectors.rows(ids)
        extra = np.ones(len(vectors.ids), bool)
        extra[of_records[of_records >= 0]] = extra[labelled_rows] = False
        extra_ids = vectors.ids.filter(extra).to_pylist()
        unknown = ~self.inputs.excluded.ids.contains(extra_ids)
        if unknown.any():
            raise InputError(
                f"vectors of {unknown.sum():,} ids that no record has, such as "
                f'"{extra_ids[int(unknown.argmax())]}"; name all records that were '
                "scored, and those of --labelled and --exclude",
                source=vectors.source,
            )
        return of_records[rows], labelled_rows

    def pool(self, rows: Indices, places: tuple[Indices, Indices], k: int) -> Pool:
        """Return the `Pool` of these rows, of which the strategy selects k.

        places: as of `vector_rows`.

        Raises:
            InputError: labels or probs of a record are missing.
            MemoryRefused: the strategy needs more memory than there is.
        """
        classes, labelled = self.store.classes, self.labelled
        vectors, votes, voted = self.inputs.vectors, self.inputs.votes, self.voted()
        n, m, d = len(rows), len(labelled), vectors.width if vectors else 0
        n_votes = (votes.size, int(voted.sum())) if votes is not None else (0, 0)
        size = Size(n, d, len(classes), m, k, *n_votes)
        ensure(
            (n + m) * (4 * d + 16 * len(classes)) + self.strategy.memory(size),
            remedy="select from a sample of the pool: --subsample N",
        )
        scored, probs = self.store.scored(rows), self._labelled_probs()
        own, others = [
            vectors.take(some) if vectors else np.empty((len(some), 0), "f4")
            for some in places
        ]
        if self.strategy.centred:
            centre(own, others)
        old = Scored(labelled.ids, probs, {}, scored.seed)
        by_noise = np.argsort(-seeded_uniform(scored.seed, old.ids), kind="stable")
        context = Pool(old, others, self._class_indices()).take(by_noise)
        pool = Pool(scored, own, None, context)
        if votes is None:
            return pool
        more = self.store.scored(np.setdiff1d(np.flatnonzero(voted), rows))
        ids, both = [*scored.ids, *more.ids], np.concatenate([scored.probs, more.probs])
        return replace(pool, votes=votes_on(votes, ids, classes, both))

    def _labelled_probs(self) -> Floats:
        needs, name, labelled = (
            self.strategy.needs,
            name_of(self.strategy),
            self.labelled,
        )
        if {"labelled", "labelled-probs"} & set(needs) and not labelled.ids:
            raise InputError(f"{name} needs labelled records, and there are none")
        if "labels" in needs and all(label is None for label in labelled.labels):
            raise InputError(f"{name} needs records with a label; there are none")
        if "labelled-probs" not in needs:
            return np.empty((len(labelled), 0))
        row_of = {id: row for row, id in enumerate(self.store.ids)}
        rows = [row_of[id] for id in labelled.ids if id in row_of]
        known = self.store.scored(np.array(rows, np.intp))
        known_probs = dict(zip(known.ids, known.probs.tolist(), strict=True))
        probs = labelled.matrix(self.store.classes, known_probs)
        if probs is None:
            remedy = "the labelled records need them too: run `alcli score` on them"
            raise MissingField("probs", remedy=remedy)
        return probs

    def _class_indices(self) -> Indices:
        labels = self.labelled.labels
        known = self.store.classes or sorted({label for label in labels if label})
        index: dict[str | None, int] = {name: i for i, name in enumerate(known)}
        index[None] = -1
        for id, label in zip(self.labelled.ids, labels, strict=True):
            if label not in index:
                raise InputError(
                    f'the label "{label}" of id "{id}" is no class of "probs"; '
                    "train with --grow-classes, and score again"
                )
        return np.array([index[label] for label in labels], np.intp)
