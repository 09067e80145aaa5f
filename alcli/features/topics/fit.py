"""Fit of a topic or cluster method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from alcli.core.errors import InputError
from alcli.core.fields import record_decoder
from alcli.core.ids import seeded_uniform
from alcli.core.memory import ensure
from alcli.core.step import Block, Result
from alcli.core.types import Floats, Indices
from alcli.features.topics.fitted import FittedTopics
from alcli.features.topics.inputs import input_field, input_values, open_vectors
from alcli.features.topics.methods import SUBSAMPLE_REMEDY
from alcli.features.vectors import Vectors


class TopicFitter:
    """Collector of a method's inputs, on which the method is then fitted.

    Raises:
        UsageError: vectors are missing or superfluous.
    """

    def __init__(self, method: Any, vectors: Sequence[str] | Vectors = ()) -> None:
        self._method, self._vectors = method, open_vectors(method, vectors)
        self._decoder = record_decoder(input_field(method))
        self._values: list[str] = []  # tokens, or ids of vectors
        self._rows: list[Indices] = []  # of vectors

    def add(self, block: Block) -> Result:
        """Add the inputs of a block.

        Raises:
            InputError: a record has no `tokens`, or no vector.
        """
        values = input_values(self._method, block.decode(self._decoder))
        if self._vectors is not None:
            self._rows.append(
                self._vectors.require_rows(values, "records", error=block.error)
            )
        self._values += values
        return Result([], {})

    def fit(self, subsample: int | None, *, seed: int, **params: Any) -> FittedTopics:
        """Return the topics of all records, or of a random sample.

        Raises:
            InputError: there is no record, or no word is left.
            MemoryRefused: memory is insufficient for the vectors or the fit.
            BadParameter: a number out of its range.
        """
        topics = self._method.fit(self._inputs(subsample, seed), seed=seed, **params)
        return FittedTopics(topics, self._vectors.model if self._vectors else "")

    def _inputs(self, subsample: int | None, seed: int) -> Any:
        """Return n texts, or vectors, (n, d), in the order of the records."""
        if not self._values:
            raise InputError("no records to find topics in")
        some = np.arange(len(self._values))
        if subsample is not None and subsample < len(some):
            keys = _sampling_keys(self._values, seed)
            some = np.sort(np.argsort(-keys, kind="stable")[:subsample])
        if self._vectors is None:
            return [self._values[row] for row in some.tolist()]
        ensure(4 * len(some) * self._vectors.width, remedy=SUBSAMPLE_REMEDY)
        return self._vectors.take(np.concatenate(self._rows)[some])


def _sampling_keys(values: Sequence[str], seed: int) -> Floats:
    """Return a random number per value, (n,), by the seed, value and its occurrence.

    So a sample does not depend on the order of records.
    """
    times: Counter[str] = Counter()
    names = []
    for value in values:
        names.append(f"{times[value]}\0{value}")
        times[value] += 1
    return seeded_uniform(seed, names)
