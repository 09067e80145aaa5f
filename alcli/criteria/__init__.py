"""Stopping criteria: are more labels worth it?

A criterion is a function `(curve, **params) -> Verdict` of the rounds so far, oldest
first; it sees nothing else, so the same curve gives the same answer. Its first
parameter is what `--until NAME=VALUE` sets. To add one, write
`alcli/criteria/NAME.py` with a function of that name, and its test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from alcli.core.registry import Registry

if TYPE_CHECKING:
    from alcli.core.jsonl import Record


class Verdict(NamedTuple):
    """Whether to stop, the value that was judged (None: too early), the threshold."""

    stop: bool
    value: float | None
    threshold: float


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
