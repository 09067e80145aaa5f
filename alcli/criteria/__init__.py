"""Stopping criteria: are more labels worth it?

A criterion is a function `(curve, **params) -> Verdict` of the rounds so far, oldest
first; it sees nothing else, so the same curve gives the same answer. Its first
parameter is what `--until NAME=VALUE` sets. What it cannot judge is an InputError, and
never a reason to stop; on an empty curve it does not stop. To add one, write
`alcli/criteria/NAME.py` with a function of that name, and its test; what rounds say is
read with `alcli.curves.rounds`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, NamedTuple

from alcli.core.registry import Registry

if TYPE_CHECKING:
    from alcli.core.jsonl import Record


class Verdict(NamedTuple):
    """Whether to stop, the value that was judged (None: too early), the threshold."""

    stop: bool
    value: float | None
    threshold: float


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


criteria: Registry[Callable[..., Verdict]] = Registry("criterion", __name__)


def asked(text: str) -> Callable[[Sequence[Record]], Verdict]:
    """Return the criterion that a text such as `plateau,patience=5` asks for.

    Raises:
        UsageError: an unknown criterion or parameter.
    """
    from alcli.core.params import defaults, named, parse

    first, pairs = named(text)
    name, separator, value = first.partition("=")
    criterion = criteria.get(name)
    known = defaults(criterion)
    if separator:
        pairs.insert(0, f"{next(iter(known))}={value}")
    return partial(criterion, **parse(pairs, known))
