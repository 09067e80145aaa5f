"""Labelled records, which a batch strategy compares with, and which are excluded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alcli.core.errors import InputError
from alcli.core.fields import class_names, optional, record_decoder
from alcli.core.ids import IdSet
from alcli.core.probs import RenormalisedCount, normalise_probs
from alcli.core.step import Block, Result, identity
from alcli.core.types import Floats
from alcli.query.selection.exclusion import TEXT_MEMBERS, text_keys


class LabelledPool:
    """Collector of records with `label`, and `probs` where they have them.

    id_set: their ids. texts: their text keys, as of `exclusion.text_key`.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.labels: list[str | None] = []
        self.probs: list[dict[str, float] | None] = []
        self._places: list[tuple[str, int]] = []
        self.id_set, self.texts = IdSet(), IdSet()
        members = ("id", optional("label"), optional("probs"), *TEXT_MEMBERS)
        self._decoder = record_decoder(*members)

    def add(self, block: Block) -> Result:
        """Add the records of a block.

        Raises:
            InputError: an id is repeated, or a label is empty.
        """
        rows = block.decode(self._decoder)
        names = class_names(block, [row.label for row in rows])
        ids = [identity(row.id) for row in rows]
        new = self.id_set.add(ids, all_new=True)
        if not new.all():
            row = int(np.argmin(new))
            problem = f'id "{ids[row]}" is repeated; run `alcli merge-labels` first'
            raise block.error(row, problem)
        self.texts.add(text_keys(ids, rows))
        self.ids += ids
        self.labels += names
        self.probs += [row.probs for row in rows]
        self._places += [(block.source, number) for number, _ in block.numbered()]
        return Result([], {"read": len(rows)})

    def add_rows(self, ids: Sequence[str], labels: Sequence[str]) -> None:
        """Add records by columns: n ids and labels, without texts and probs."""
        self.id_set.add(ids)
        self.ids += ids
        self.labels += labels
        self.probs += [None] * len(ids)
        self._places += [("<records>", row) for row in range(len(ids))]

    def __len__(self) -> int:
        return len(self.ids)

    def matrix(
        self, classes: Sequence[str], others: dict[str, list[float]]
    ) -> Floats | None:
        """Return probs, (n, C); None if a record has none, nor `others` by its id.

        Raises:
            InputError: `probs` of a record are not probabilities.
        """
        rows: list[list[float]] = []
        for id, own in zip(self.ids, self.probs, strict=True):
            if own is not None and own.keys() == set(classes):
                rows.append([own[name] for name in classes])
            elif id in others:
                rows.append(others[id])
            else:
                return None
        probs = np.array(rows, np.float64).reshape(-1, len(classes))
        probs, sums = normalise_probs(probs, self._error)
        renormalised = RenormalisedCount()
        renormalised.add(sums)
        renormalised.warn()
        return probs

    def _error(self, row: int, problem: str) -> InputError:
        source, number = self._places[row]
        return InputError(problem, source=source, line=number)
