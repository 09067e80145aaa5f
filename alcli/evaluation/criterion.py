"""Verdicts of stopping criteria, and the rounds on which a criterion may judge.

`load_criterion` makes a criterion of convergence of a plain function: no round counts
up to the last whose model was not trained or predicts one class only.
`@waits_for(...)` names other signs of a model to wait for; a budget waits for none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial, update_wrapper
from itertools import pairwise, takewhile
from typing import Any, NamedTuple

from alcli.core.jsonl import Record
from alcli.core.params import defaults, parse, split_spec
from alcli.evaluation.criteria import criteria
from alcli.evaluation.curve.signs import SIGNS, Sign, since
from alcli.numerics.learning_curves import SCORE_TOLERANCE


class Verdict(NamedTuple):
    """Whether to stop, the value that was judged (None: too early), the threshold."""

    stop: bool
    value: float | None
    threshold: float


class Criterion:
    """A criterion, and the signs of a model that it waits for.

    signs: by default all: the model was trained, and predicts two classes or more on
    the test set and on the stop set.
    """

    def __init__(
        self, judge: Callable[..., Verdict], signs: Iterable[Sign] = SIGNS
    ) -> None:
        self.judge, self.signs = judge, tuple(signs)
        update_wrapper(self, judge)

    def __call__(self, curve: Sequence[Record], **params: Any) -> Verdict:
        """Return the verdict on the rounds since all of them have the signs."""
        verdict = self.judge(curve, **params)  # a fault of any round is an error
        ready = since(curve, self.signs)
        return verdict if len(ready) == len(curve) else self.judge(ready, **params)


def waits_for(*signs: Sign) -> Callable[[Callable[..., Verdict]], Criterion]:
    """Name the signs of a model without which a criterion does not judge a round."""
    return lambda judge: Criterion(judge, signs)


def at_least(value: float, threshold: float) -> bool:
    """Check whether a value reaches a threshold, up to rounding error.

    >>> at_least(0.29 - 0.28, 0.01), 0.29 - 0.28 >= 0.01
    (True, False)
    """
    return value >= threshold - SCORE_TOLERANCE


def at_most(value: float, threshold: float) -> bool:
    """Check whether a value does not exceed a threshold, up to rounding error.

    >>> at_most(0.705 - 0.7, 0.005)
    True
    """
    return at_least(-value, -threshold)


def stop_below(value: float | None, threshold: float) -> Verdict:
    """Stop when a value is less than the threshold; None: too early."""
    return Verdict(
        value is not None and not at_least(value, threshold), value, threshold
    )


def after_turn(values: Sequence[float], patience: int, *, rising: bool) -> Verdict:
    """Stop when values turned, and went that way in each of the last rounds.

    rising: the way. Having turned means that some step before went the other way; a
    step between equal values goes neither. The value is the number of rounds in a row,
    the threshold is `patience`.
    """
    steps = [b - a if rising else a - b for a, b in pairwise(values)]
    if len(steps) <= patience:
        return Verdict(False, None, patience)
    row = len(list(takewhile(lambda step: step > 0, reversed(steps))))
    if not any(step < 0 for step in steps[: len(steps) - row]):
        row = 0
    return Verdict(row >= patience, row, patience)


def load_criterion(name: str) -> Criterion:
    """Return a criterion by its name; a plain function is one of convergence.

    Raises:
        UnknownName: no such criterion.
    """
    found = criteria.get(name)
    return found if isinstance(found, Criterion) else Criterion(found)


def parse_criterion(text: str) -> Callable[[Sequence[Record]], Verdict]:
    """Return the criterion of a text such as `plateau=3,metric=accuracy`.

    Raises:
        UsageError: an unknown criterion or parameter.
    """
    first, pairs = split_spec(text)
    name, separator, value = first.partition("=")
    criterion = load_criterion(name)
    known = defaults(criterion)
    if separator:
        pairs.insert(0, f"{next(iter(known))}={value}")
    return partial(criterion, **parse(pairs, known))
