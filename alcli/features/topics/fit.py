"""Fit of a topic or cluster method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from alcli.features.topics.fitted import FittedTopics
from alcli.features.topics.inputs import (
    input_field,
    input_of,
    open_vectors,
    vector_rows,
)
from alcli.features.topics.methods import SUBSAMPLE_REMEDY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.core.step import Block, Result
    from alcli.features.vectors import Vectors


class TopicFitter:
    """Takes blocks; then a method is fitted on what it looks at of their records."""

    def __init__(self, method: Any, vectors: Sequence[str] | Vectors = ()) -> None:
        import msgspec

        self.method, self.known = method, open_vectors(method, vectors)
        row = msgspec.defstruct("Row", [input_field(method)], gc=False)
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        self._content: list[str] = []
        self._places: list[NDArray[np.intp]] = []

    def add(self, block: Block) -> Result:
        """Look at the records of a block.

        Raises:
            InputError: a record has no `tokens`, or no vector.
        """
        from alcli.core.step import Result

        content = [input_of(row) for row in block.decode(self._decoder)]
        if self.known is not None:
            self._places.append(vector_rows(block, self.known, content))
        self._content += content
        return Result([], {})

    def fit(self, subsample: int | None, *, seed: int, **params: Any) -> FittedTopics:
        """Return the method fitted on all records, or on a random sample.

        Raises:
            InputError: there is no record, or no word is left.
            MemoryRefused: there is not enough for the vectors, or for the fit.
            BadParameter: a number out of its range.
        """
        rows = self._rows(subsample, seed)
        topics = self.method.fit(rows, seed=seed, **params)
        return FittedTopics(topics, self.known.model if self.known else "")

    def _rows(self, subsample: int | None, seed: int) -> Any:
        """Return n texts, or (n, d), in the order of the records."""
        import numpy as np

        from alcli.core.errors import InputError
        from alcli.core.memory import ensure

        if not self._content:
            raise InputError("no records to find topics in")
        some = np.arange(len(self._content))
        if subsample is not None and subsample < len(some):
            chance = _sampling_keys(self._content, seed)
            some = np.sort(np.argsort(-chance, kind="stable")[:subsample])
        if self.known is None:
            return [self._content[row] for row in some.tolist()]
        ensure(4 * len(some) * self.known.width, remedy=SUBSAMPLE_REMEDY)
        return self.known.take(np.concatenate(self._places)[some])


def _sampling_keys(content: Sequence[str], seed: int) -> NDArray[np.float64]:
    """Return a number for each, (n,), by what it is and how often it was there."""
    from alcli.core.ids import seeded_uniform

    times: Counter[str] = Counter()
    names = []
    for one in content:
        names.append(f"{times[one]}\0{one}")
        times[one] += 1
    return seeded_uniform(seed, names)
