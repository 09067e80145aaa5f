"""Learning-rate schedules, as factors of the given rate.

Each maps the finished share of the steps, from 0 to 1, to a factor.
"""

from __future__ import annotations

import math
from collections.abc import Callable

SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda done: 1.0,
    "linear": lambda done: 1.0 - done,
    "cosine": lambda done: (1.0 + math.cos(math.pi * done)) / 2,
}


def rate_factor(schedule: str, step: int, steps: int, *, warmup: float = 0.0) -> float:
    """Return the factor of the learning rate at a step.

    step: index of the step, from 0. steps: number of planned steps. warmup: share of
    the steps in which the factor rises linearly to 1.

    >>> [rate_factor("linear", step, 4) for step in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    >>> [rate_factor("constant", step, 4, warmup=0.5) for step in range(4)]
    [0.5, 1.0, 1.0, 1.0]
    """
    rising = math.ceil(steps * warmup)
    if step < rising:
        return (step + 1) / rising
    return SCHEDULES[schedule]((step - rising) / (steps - rising))
