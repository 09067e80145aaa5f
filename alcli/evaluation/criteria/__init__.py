"""Stopping criteria: are more labels worth it?

A criterion is a function `(curve, **params) -> Verdict` of the rounds so far, oldest
first. Its first parameter is the VALUE of `--until NAME=VALUE`. A curve that it cannot
judge is an InputError, and never a reason to stop; on an empty curve it does not stop.

To add one, write `alcli/evaluation/criteria/NAME.py` with a function of that name, and
its test. `alcli.evaluation.criterion` has the helpers, `alcli.evaluation.curve.reading`
the readers of rounds.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from alcli.core.registry import Registry

if TYPE_CHECKING:
    from alcli.evaluation.criterion import Verdict

criteria: "Registry[Callable[..., Verdict]]" = Registry("criterion", __name__)
