"""Gold answers and a model's `probs` of items, beside the votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError, MissingField
from alcli.core.fields import Label, RenormalisedCount, class_names, normalise_probs
from alcli.core.step import Block, Result, identity


class _Answer(msgspec.Struct, gc=False):
    id: str | int
    label: Label


class GoldAnswers:
    """Takes blocks of records whose `label` is known; keeps those voted on."""

    def __init__(self, ids: Mapping[str, int]) -> None:
        self._ids = ids
        self._decoder = msgspec.json.Decoder(_Answer)
        self.labels: dict[int, str] = {}  # by item

    def add(self, block: Block) -> Result:
        """Look at the answers in a block.

        Raises:
            InputError: a record lacks `id` or `label`, or has another than before.
        """
        found: dict[int, str] = {}
        rows = block.decode(self._decoder)
        names = class_names(block, [row.label for row in rows])
        for place, (row, name) in enumerate(zip(rows, names, strict=True)):
            item = self._ids.get(identity(row.id), -1)  # a defaultdict learns nothing
            if item < 0:
                continue
            before = found.setdefault(item, self.labels.get(item, name))
            if before != name:
                raise block.error(place, f'its id is known as "{before}", too')
        self.labels |= found
        return Result([], {})

    def gold(self, names: Sequence[str], items: int) -> NDArray[np.int32]:
        """Return the class number of each item, (items,), or -1."""
        gold = np.full(items, -1, np.int32)
        number = {name: place for place, name in enumerate(names)}
        for item, label in self.labels.items():
            gold[item] = number[label]
        return gold


class _Scored(msgspec.Struct, gc=False):
    probs: dict[str, float] | None = None


class ItemProbs:
    """The `probs` of records, by their lines; of an empty line nothing is known.

    Raises:
        InputError: a record has none, or they are no probabilities.
    """

    def __init__(self, ids: Mapping[str, int], lines: Sequence[bytes], source: str):
        decode = msgspec.json.Decoder(_Scored).decode
        rows: list[Mapping[str, float]] = []
        for id, line in zip(ids, lines, strict=True):
            probs: Mapping[str, float] | None = {}
            if line:
                try:
                    probs = decode(line).probs
                except msgspec.ValidationError as error:
                    problem = f'id "{id}": "probs" must be numbers by class'
                    raise InputError(problem, source=source) from error
                if not probs:
                    remedy = f'id "{id}" needs them: run `alcli score`'
                    raise MissingField("probs", remedy=remedy, source=source)
            rows.append(probs or {})
        names, order = list(ids), sorted({name for row in rows for name in row})
        self.classes = set(order)
        self._of = {name: place for place, name in enumerate(order)}
        self._known = np.flatnonzero([bool(row) for row in rows])  # the others are even
        self._items = len(rows)
        table = [[rows[item].get(name, 0.0) for name in order] for item in self._known]

        def refused(row: int, problem: str) -> InputError:
            name = names[self._known[row]]
            return InputError(f'id "{name}": {problem}', source=source)

        values = np.array(table, np.float64).reshape(len(table), len(order))
        self._probs, sums = normalise_probs(values, refused)
        renormalised = RenormalisedCount()
        renormalised.add(sums)
        renormalised.warn()

    def matrix(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Return them as rows, (items, C); a class that a record lacks has 0."""
        matrix = np.full((self._items, len(names)), 1 / max(1, len(names)))
        matrix[self._known] = 0
        here = [place for place, name in enumerate(names) if name in self._of]
        columns = [self._of[names[place]] for place in here]
        matrix[np.ix_(self._known, here)] = self._probs[:, columns]
        return matrix
