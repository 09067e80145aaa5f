"""Stopping criteria: are more labels worth it?

A criterion is a function `(curve, **params) -> Verdict` of the rounds so far, oldest
first; it sees nothing else, so the same curve gives the same answer. Its first
parameter is what `--until NAME=VALUE` sets. To add one, write
`alcli/criteria/NAME.py` with a function of that name, and its test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from alcli.core.registry import Registry


class Verdict(NamedTuple):
    """Whether to stop, the value that was judged (None: too early), the threshold."""

    stop: bool
    value: float | None
    threshold: float


criteria: Registry[Callable[..., Verdict]] = Registry("criterion", __name__)
