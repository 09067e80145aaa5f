"""Summaries of learning curves: area, labels to a target, labels saved.

A curve is `labels` (n,), increasing, and `scores` (n,): a round each. Of several seeds
the mean is taken first, round by round, and what is asked here is asked of that mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]
type Numbers = Sequence[float] | Floats

ROUNDS = 3  # a score is reached where the mean of so many rounds is there
EQUAL = 1e-9  # scores no further apart are the same: ledgers have nine digits


def area(
    labels: Numbers, scores: Numbers, *, between: tuple[float, float] | None = None
) -> float:
    """Return the area under a curve, by trapezoids, over the range of its labels.

    It is the mean score over that range: as in the active learning challenge (Guyon et
    al., 2011), on a linear axis and without its rescaling. One round: its score.
    between: two numbers of labels, a part of that range; the curve is a straight line
    from round to round.

    >>> area([0, 100, 200], [0.25, 0.5, 1.0])
    0.5625
    >>> area([0, 100, 200], [0.25, 0.5, 1.0], between=(100, 150))
    0.625

    Raises:
        ValueError: no rounds, lengths that differ, labels that do not increase, or a
            range that the curve does not cover.
    """
    x, y = _checked(labels, scores)
    if between:
        low, high = between
        if not x[0] <= low <= high <= x[-1]:
            raise ValueError(f"no curve from {low} to {high}: it is of {x[0]}..{x[-1]}")
        inside = x[(low < x) & (x < high)]
        ends = np.array([low, high]) if low < high else np.array([low])
        part = np.insert(ends, 1, inside)
        x, y = part, np.interp(part, x, y)
    if len(x) == 1:
        return float(y[0])
    return float(np.trapezoid(y, x) / (x[-1] - x[0]))


def running_mean(scores: ArrayLike, rounds: int) -> Floats:
    """Return the mean of each round and those before it, (..., n - rounds + 1).

    scores: (..., n), a curve along the last axis.

    Raises:
        ValueError: rounds is less than 1.
    """
    if rounds < 1:
        raise ValueError(f"rounds is {rounds}: expected 1 or more")
    y = np.asarray(scores, np.float64)
    if y.shape[-1] < rounds:
        return y[..., :0]
    return np.lib.stride_tricks.sliding_window_view(y, rounds, axis=-1).mean(axis=-1)


def labels_to(
    labels: Numbers,
    scores: Numbers,
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
    found = float(_first(x, running_mean(y, rounds), target, stays=stays))
    return None if np.isnan(found) else round(found)


class Saving(NamedTuple):
    """The labels it takes to one score, `labels` and `random`; NaN: never.

    Of one curve numbers, of many (k,).
    """

    score: Floats
    labels: Floats
    random: Floats

    @property
    def share(self) -> Floats:
        """1 - labels / random; negative: more are needed; -inf: never gets there."""
        share = 1 - np.asarray(self.labels) / self.random
        return np.where(np.isnan(share), -np.inf, share)


def at_equal_score(
    labels: ArrayLike,
    scores: ArrayLike,
    random_labels: ArrayLike,
    random_scores: ArrayLike,
    *,
    rounds: int = ROUNDS,
) -> Saving:
    """Return the labels that it takes to the score that random ends with.

    All: (..., n), curves along the last axis. A curve is there at the first round from
    which the mean of three rounds, the last of them this one, stays at what random's
    comes to at its end, or above. Where a curve has fewer than three rounds, the mean
    is of as many as both have.

    Raises:
        ValueError: no rounds.
    """
    y, z = np.asarray(scores, np.float64), np.asarray(random_scores, np.float64)
    rounds = min(rounds, y.shape[-1], z.shape[-1])
    ours, random = running_mean(y, rounds), running_mean(z, rounds)
    score = random[..., -1:]
    target = score - EQUAL
    return Saving(
        score[..., 0],
        _first(np.asarray(labels, np.float64), ours, target),
        _first(np.asarray(random_labels, np.float64), random, target),
    )


def saving(
    labels: Numbers, scores: Numbers, random_labels: Numbers, random_scores: Numbers
) -> float | None:
    """Return 1 - labels / random's labels at equal score; see `at_equal_score`.

    Negative: more labels than random are needed. None: never gets there.

    >>> saving([10, 20, 30, 40], [0.4, 0.7, 0.8, 0.8], [10, 20, 30, 40], [0.3, 0.4,
    ...        0.5, 0.6])
    0.25

    Raises:
        ValueError: no rounds, lengths that differ, or labels that do not increase.
    """
    curves = *_checked(labels, scores), *_checked(random_labels, random_scores)
    share = float(at_equal_score(*curves).share)
    return None if np.isinf(share) else share


def deficiency(scores: Numbers, random: Numbers, full: float) -> float | None:
    """Return sum_t (full - s_t) / sum_t (full - random_t), over the same rounds.

    Baram, El-Yaniv & Luz (2004): what a strategy falls short of the score
    with all labels, `full`, beside what random does; below 1 is better than random.
    None, undefined: random passes `full` somewhere, or is there all the time.

    >>> deficiency([0.5, 0.75, 1.0], [0.5, 0.5, 0.5], 1.0)
    0.5

    Raises:
        ValueError: no rounds, or not as many of both.
    """
    s, r = np.asarray(scores, np.float64), np.asarray(random, np.float64)
    if s.shape != r.shape or not len(s):
        raise ValueError(f"{len(s)} and {len(r)} scores: expected as many, >= 1")
    short = float((full - r).sum())
    if (r > full + EQUAL).any() or short <= EQUAL:
        return None
    return float((full - s).sum()) / short


def _first(
    labels: Floats, means: Floats, target: Floats | float, *, stays: bool = True
) -> Floats:
    """Return the labels at which means reach the target, (...), or NaN.

    labels: (..., n). means: (..., n - rounds + 1), of `running_mean`.
    """
    if not means.shape[-1]:
        return np.full(means.shape[:-1], np.nan)
    reached = means >= target
    if stays:
        reached = np.logical_and.accumulate(reached[..., ::-1], axis=-1)[..., ::-1]
    place = reached.argmax(axis=-1)[..., None]
    late = np.broadcast_to(labels[..., -means.shape[-1] :], means.shape)
    found = np.take_along_axis(late, place, axis=-1)[..., 0]
    return np.where(reached.any(axis=-1), found, np.nan)


def _checked(labels: Numbers, scores: Numbers) -> tuple[Floats, Floats]:
    x, y = np.asarray(labels, np.float64), np.asarray(scores, np.float64)
    if x.shape != y.shape or x.ndim != 1 or not len(x):
        raise ValueError(f"{len(x)} labels and {len(y)} scores: expected as many, >= 1")
    if (np.diff(x) <= 0).any():
        raise ValueError("the numbers of labels do not increase from round to round")
    return x, y
