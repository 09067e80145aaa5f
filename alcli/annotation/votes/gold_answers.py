"""Gold answers of items, and a model's `probs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError, MissingField
from alcli.core.fields import class_names, optional, record_decoder
from alcli.core.probs import RenormalisedCount, normalise_probs
from alcli.core.step import Block, Result, identity


class GoldAnswers:
    """Collector of records with known `label`; it keeps the labels of items.

    ids: index of each item by id. labels: label by item.
    """

    def __init__(self, ids: Mapping[str, int]) -> None:
        self._ids = ids
        self._decoder = record_decoder("id", "label")
        self.labels: dict[int, str] = {}

    def add(self, block: Block) -> Result:
        """Add the labels of a block.

        Raises:
            InputError: a record without `id` or `label`, or with another label than an
                earlier one with its id.
        """
        found: dict[int, str] = {}
        rows = block.decode(self._decoder)
        names = class_names(block, [row.label for row in rows])
        for place, (row, name) in enumerate(zip(rows, names, strict=True)):
            item = self._ids.get(
                identity(row.id), -1
            )  # `get` adds nothing to a defaultdict
            if item < 0:
                continue
            before = found.setdefault(item, self.labels.get(item, name))
            if before != name:
                raise block.error(place, f'its id is known as "{before}", too')
        self.labels |= found
        return Result([])

    def gold(self, names: Sequence[str], items: int) -> NDArray[np.int32]:
        """Return the class number of each item, (items,); -1 is unknown."""
        gold = np.full(items, -1, np.int32)
        number = {name: place for place, name in enumerate(names)}
        for item, label in self.labels.items():
            gold[item] = number[label]
        return gold


class ItemProbs:
    """Class probabilities, `probs`, of items; an empty line has uniform ones.

    lines: record of each item. source: name of the records in messages.

    Raises:
        InputError: a record without `probs`, or with invalid ones.
    """

    def __init__(self, ids: Mapping[str, int], lines: Sequence[bytes], source: str):
        decode = record_decoder(optional("probs")).decode
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
        self._known = np.flatnonzero(
            [bool(row) for row in rows]
        )  # the others are uniform
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
        """Return the probabilities, (items, C); classes that a record lacks have 0."""
        matrix = np.full((self._items, len(names)), 1 / max(1, len(names)))
        matrix[self._known] = 0
        here = [place for place, name in enumerate(names) if name in self._of]
        columns = [self._of[names[place]] for place in here]
        matrix[np.ix_(self._known, here)] = self._probs[:, columns]
        return matrix
