"""What a learning curve comes to: its area, and the labels it takes to a target.

A curve is `labels` (n,), increasing, and `scores` (n,): a round each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


def area(labels: Sequence[float], scores: Sequence[float]) -> float:
    """Return the area under a curve, by trapezoids, over the range of its labels.

    It is the mean score over that range: as in the active learning challenge (Guyon et
    al., 2011), on a linear axis and without its rescaling. One round: its score.

    >>> area([0, 100, 200], [0.25, 0.5, 1.0])
    0.5625

    Raises:
        ValueError: no rounds, lengths that differ, or labels that do not increase.
    """
    x, y = _checked(labels, scores)
    if len(x) == 1:
        return float(y[0])
    return float(np.trapezoid(y, x) / (x[-1] - x[0]))


def running_mean(scores: Sequence[float], rounds: int) -> Floats:
    """Return the mean of each round and those before it, (n - rounds + 1,).

    Raises:
        ValueError: rounds is less than 1.
    """
    if rounds < 1:
        raise ValueError(f"rounds is {rounds}: expected 1 or more")
    y = np.asarray(scores, np.float64)
    if len(y) < rounds:
        return y[:0]
    return np.lib.stride_tricks.sliding_window_view(y, rounds).mean(axis=1)


def labels_to(
    labels: Sequence[float],
    scores: Sequence[float],
    target: float,
    *,
    rounds: int = 1,
    stays: bool = True,
) -> int | None:
    """Return the first number of labels at which the score reaches the target.

    rounds: the mean of so many rounds, this one the last, must reach it. stays: and of
    every later round, too. None: that is never so.

    >>> labels_to([10, 20, 30, 40], [0.5, 0.8, 0.7, 0.8], 0.75)
    40
    >>> labels_to([10, 20, 30, 40], [0.5, 0.8, 0.7, 0.8], 0.75, stays=False)
    20

    Raises:
        ValueError: no rounds, lengths that differ, or labels that do not increase.
    """
    x, y = _checked(labels, scores)
    reached = running_mean(y.tolist(), rounds) >= target
    if stays:
        reached = np.logical_and.accumulate(reached[::-1])[::-1]
    places = np.flatnonzero(reached)
    return int(x[places[0] + rounds - 1]) if len(places) else None


def _checked(labels: Sequence[float], scores: Sequence[float]) -> tuple[Floats, Floats]:
    x, y = np.asarray(labels, np.float64), np.asarray(scores, np.float64)
    if x.shape != y.shape or x.ndim != 1 or not len(x):
        raise ValueError(f"{len(x)} labels and {len(y)} scores: expected as many, >= 1")
    if (np.diff(x) <= 0).any():
        raise ValueError("the numbers of labels do not increase from round to round")
    return x, y
