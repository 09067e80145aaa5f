"""What is known of items beside the votes: right answers, a model's `probs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError, MissingField
from alcli.core.labels import Label, names_of
from alcli.core.step import Block, Result, identity

SUM_ERROR = 1e-3  # how far probabilities may be from summing to 1


class _Answer(msgspec.Struct, gc=False):
    id: str | int
    label: Label


class Answers:
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
        names = names_of(block, [row.label for row in rows])
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


class Probs:
    """The `probs` of records, by their lines; of an empty line nothing is known.

    Raises:
        InputError: a record has none, or they are no probabilities.
    """

    def __init__(self, ids: Mapping[str, int], lines: Sequence[bytes], source: str):
        decode = msgspec.json.Decoder(_Scored).decode
        self._rows: list[Mapping[str, float]] = []
        self.classes: set[str] = set()
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
                values = probs.values()
                if min(values) < 0 or not abs(sum(values) - 1) <= SUM_ERROR:
                    problem = f'id "{id}": "probs" must be at least 0 and sum to 1'
                    raise InputError(problem, source=source)
            self._rows.append(probs or {})
            self.classes |= self._rows[-1].keys()

    def matrix(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Return them as rows, (items, C); a class that a record lacks has 0."""
        rows = [row.get(name, 0.0) for row in self._rows for name in names]
        matrix = np.array(rows, np.float64).reshape(len(self._rows), len(names))
        matrix[[not row for row in self._rows]] = 1 / max(1, len(names))
        return matrix
