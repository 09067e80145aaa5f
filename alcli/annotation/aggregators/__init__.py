"""Aggregators: from the votes on items to beliefs in their labels.

An aggregator is a function `(votes, **params) -> (beliefs, quality)`: beliefs are
(items, C) with rows that sum to 1, or to 0 for an item without votes; quality is one
number per annotator, or None. The result must not depend on the order of items,
annotators and classes. To add one, write `alcli/annotation/aggregators/NAME.py` with a
function of that name, and its test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, reduce, update_wrapper
from typing import TYPE_CHECKING

from alcli.core.params import check_range
from alcli.core.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Floats = NDArray[np.float64]  # evaluated by type checkers only
type Beliefs = tuple[Floats, Floats | None]


@dataclass(frozen=True)
class Votes:
    """Votes with a label, as parallel arrays of numbers.

    item, annotator, label: numbers from 0, (votes,). items, annotators, classes: number
    of each; classes is C. gold: known class of each item, (items,), or -1. probs: class
    probabilities of a model, (items, C), for `model_aware` aggregators only.
    """

    item: NDArray[np.int32]
    annotator: NDArray[np.int32]
    label: NDArray[np.int32]
    items: int
    annotators: int
    classes: int
    gold: NDArray[np.int32] | None = None
    probs: Floats | None = None

    @cached_property
    def cells(self) -> NDArray[np.int64]:
        """Index of each vote in a flat table of items and classes, (votes,)."""
        import numpy as np

        return self.item.astype(np.int64) * self.classes + self.label

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """Number of votes for each class of each item, (items, C)."""
        import numpy as np

        counts = np.bincount(self.cells, minlength=self.items * self.classes)
        return counts.reshape(self.items, self.classes)

    @cached_property
    def voted(self) -> Floats:
        """1 for an item with votes, else 0, (items,)."""
        import numpy as np

        return np.minimum(self.votes_per_item, 1.0)

    @cached_property
    def votes_per_item(self) -> NDArray[np.intp]:
        """Number of votes of each item, (items,)."""
        import numpy as np

        return np.bincount(self.item, minlength=self.items)

    def sum_by_class(self, weights: Floats) -> Floats:
        """Return the sums of the votes' weights, (votes,), as (items, C)."""
        import numpy as np

        sums = np.bincount(self.cells, weights, self.items * self.classes)
        table: Floats = sums.reshape(self.items, self.classes).astype(np.float64)
        return table

    def mean_by_annotator(self, values: Floats) -> Floats:
        """Return the mean of the values, (votes,), of each annotator, (annotators,).

        NaN for an annotator without votes.
        """
        import numpy as np

        sums = np.bincount(self.annotator, values, self.annotators)
        number = np.bincount(self.annotator, minlength=self.annotators)
        means: Floats = np.full(self.annotators, np.nan)
        np.divide(sums, number, out=means, where=number > 0)
        return means

    def shares(self) -> Floats:
        """Return the share of votes per class, or the gold answer, (items, C)."""
        import numpy as np

        return self.with_gold(self.counts / np.maximum(self.votes_per_item, 1)[:, None])

    def with_gold(self, beliefs: Floats) -> Floats:
        """Return beliefs, (items, C), with gold answers as 0 and 1."""
        import numpy as np

        if self.gold is None:
            return beliefs
        rows = np.flatnonzero((self.gold >= 0) & (self.voted > 0))
        beliefs = beliefs.copy()
        beliefs[rows] = np.eye(self.classes)[self.gold[rows]]
        return beliefs

    def prior(self, beliefs: Floats) -> Floats:
        """Return the mean belief per class, (C,), over items with votes; above 0."""
        import numpy as np

        share: Floats = beliefs.sum(axis=0) / max(1.0, float(self.voted.sum()))
        return np.maximum(share, 1e-10)

    def posterior(self, logs: Floats) -> tuple[Floats, float]:
        """Return beliefs and log likelihood from log p(votes, class), (items, C)."""
        import numpy as np

        if not len(self.item):
            return np.zeros_like(logs), 0.0
        if self.gold is not None:
            other = np.arange(self.classes) != self.gold[:, None]
            logs = np.where(other & (self.gold >= 0)[:, None], -np.inf, logs)
        # for few classes faster than axis=1, and without threads of BLAS
        top = reduce(np.maximum, logs.T)
        beliefs = np.exp(logs - top[:, None])
        sums = reduce(np.add, beliefs.T)
        beliefs *= (self.voted / sums)[:, None]
        return beliefs, float((self.voted * (top + np.log(sums))).sum())


def run_em(
    votes: Votes,
    step: Callable[[Floats], Floats],
    beliefs: Floats,
    *,
    iterations: int,
    tolerance: float,
) -> tuple[Floats, float]:
    """Run expectation maximisation; return the last beliefs and log likelihood.

    step: function from beliefs to log p(votes, class), both (items, C). iterations: at
    most. tolerance: change of the log likelihood per vote at which it stops.
    """
    check_range(iterations >= 1, "iterations", iterations, "1 or more")
    last = -float("inf")
    for _ in range(iterations if len(votes.item) else 0):
        beliefs, likelihood = votes.posterior(step(beliefs))
        near = abs(likelihood - last) < tolerance * len(votes.item)
        last = likelihood
        if near:
            break
    return beliefs, last


class ModelAware:
    """Aggregator that needs `Votes.probs`, with its own order of relabelling."""

    def __init__(
        self,
        aggregate: Callable[..., Beliefs],
        relabel_score: Callable[[Votes, Floats], Floats],
    ) -> None:
        self.aggregate, self.relabel_score = aggregate, relabel_score
        update_wrapper(self, aggregate)

    def __call__(self, votes: Votes, **params: object) -> Beliefs:
        """Return beliefs, (items, C), and the quality of annotators."""
        return self.aggregate(votes, **params)


def model_aware(
    relabel_score: Callable[[Votes, Floats], Floats],
) -> Callable[[Callable[..., Beliefs]], ModelAware]:
    """Declare that an aggregator needs the `probs` of a model.

    relabel_score: function of votes and beliefs to (items,); the lowest is labelled
    again first.
    """
    return lambda aggregate: ModelAware(aggregate, relabel_score)


aggregators: Registry[Callable[..., Beliefs]] = Registry("aggregator", __name__)


def find(aggregate: str | Callable[..., Beliefs]) -> Callable[..., Beliefs]:
    """Return an aggregator by name; a function is one already."""
    return aggregators.get(aggregate) if isinstance(aggregate, str) else aggregate
