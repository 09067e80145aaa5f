"""Methods that partition a pool into topics or clusters, for use as strata.

A method is a class with:

- INPUT: `tokens` (n texts) or `vectors`, (n, d);
- RANGES: of its numbers, by name, which are checked before records are read;
- `fit(inputs, *, seed, **params)`, `save()` and `load(card, members)`;
- `assign(inputs) -> topics (n,), probs (n,)`; topic -1 is noise: no evidence for any;
- with vectors, `width`: that of the vectors;
- optionally `words(n)`: the n most probable words of each topic;
- optionally `choose_words(texts, **params)`: a step of `fit` with its own parameters.

To add one, write `alcli/features/topics/methods/NAME.py` with a class of that name, and
its test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from alcli.core.params import check_range, defaults
from alcli.core.registry import Registry
from alcli.core.types import Indices

# functions of a method whose keyword parameters --set takes
PARAMETER_FUNCTIONS = ("fit", "choose_words")

SUBSAMPLE_REMEDY = "fit on a sample of the records: --subsample N"  # if memory is short

MOST = 10_000  # topics, clusters, or rounds of a fit


class Range(NamedTuple):
    """Range of a number, with its ends; `above` its lower end if that is excluded."""

    low: float
    high: float
    above: bool = False

    def __contains__(self, value: object) -> bool:
        number = isinstance(value, int | float) and self.low <= value <= self.high
        return number and not (self.above and value == self.low)

    def __str__(self) -> str:
        low = f"more than {self.low:,}, at most" if self.above else f"{self.low:,} to"
        return f"{low} {self.high:,}"


methods: Registry[Any] = Registry("method", __name__)


def parameters(method: Any) -> dict[str, Any]:
    """Return the default values of the parameters of a method by name, but the seed."""
    found: dict[str, Any] = {}
    for name in PARAMETER_FUNCTIONS:
        if hasattr(method, name):
            found |= defaults(getattr(method, name))
    del found["seed"]
    return found


def check_parameters(method: Any, values: Mapping[str, Any]) -> None:
    """Check the ranges of some parameters of a method.

    Raises:
        BadParameter: a number is out of its range, or no number.
    """
    for name, allowed in method.RANGES.items():
        if name in values:
            value = values[name]
            check_range(value in allowed, name, value, str(allowed))


def renumber_by_size(clusters: Indices) -> Indices:
    """Return clusters, (n,), renumbered by size: 0 is the largest; noise stays -1."""
    import numpy as np  # late: `alcli topics --help` imports this module

    sizes = np.bincount(clusters[clusters >= 0])
    number = np.full(len(sizes) + 1, -1)  # the last is noise
    number[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return number[clusters]
