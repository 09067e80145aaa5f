"""Summaries of learning curves: area, labels to a target, labels saved.

A curve is `labels`, (n,), increasing, and `scores`, (n,), one of each per round. For
several seeds, average the scores of each round first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from alcli.core.types import Floats

type Numbers = Sequence[float] | Floats

MEAN_ROUNDS = 3  # rounds whose mean score must reach a target
SCORE_TOLERANCE = 1e-9  # scores this close are equal: ledgers have nine digits


def area_under_curve(
    labels: Numbers, scores: Numbers, *, between: tuple[float, float] | None = None
) -> float:
    """Return the area under a curve divided by its range of labels: the mean score.

    By trapezoids, as in the active learning challenge (Guyon et al., 2011), but on a
    linear axis and without its rescaling. One round: its score. between: lower and
    upper number of labels, a part of the range; scores are interpolated linearly.

    >>> area_under_curve([0, 100, 200], [0.25, 0.5, 1.0])
    0.5625
    >>> area_under_curve([0, 100, 200], [0.25, 0.5, 1.0], between=(100, 150))
    0.625

    Raises:
        ValueError: no rounds, lengths that differ, labels that do not increase, or a
            range that the curve does not cover.
    """
    x, y = _checked_curve(labels, scores)
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
    """Return the mean of each window of `rounds` rounds, (..., n - rounds + 1).

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


def labels_to_target(
    labels: Numbers,
    scores: Numbers,
    target: float,
    *,
    rounds: int = 1,
    stays: bool = True,
) -> int | None:
    """Return the lowest number of labels at which the score reaches the target.

    rounds: number of rounds, this one the last, whose mean score counts. stays: require
    the same of every later round. None: the target is not reached.

    >>> labels_to_target([10, 20, 30, 40], [0.5, 0.8, 0.7, 0.8], 0.75)
    40
    >>> labels_to_target([10, 20, 30, 40], [0.5, 0.8, 0.7, 0.8], 0.75, stays=False)
    20

    Raises:
        ValueError: no rounds, lengths that differ, or labels that do not increase.
    """
    x, y = _checked_curve(labels, scores)
    found = float(
        _labels_at_first_reach(x, running_mean(y, rounds), target, stays=stays)
    )
    return None if np.isnan(found) else round(found)


class LabelSaving(NamedTuple):
    """Labels needed for `score`: by a strategy, `labels`, and by `random`.

    Scalars for one pair of curves, (k,) for k pairs; NaN: the score is not reached.
    """

    score: Floats
    labels: Floats
    random: Floats

    @property
    def share(self) -> Floats:
        """1 - labels / random; negative: more labels are needed; -inf: not reached."""
        share = 1 - np.asarray(self.labels) / self.random
        return np.where(np.isnan(share), -np.inf, share)


def labels_at_equal_score(
    labels: ArrayLike,
    scores: ArrayLike,
    random_labels: ArrayLike,
    random_scores: ArrayLike,
    *,
    rounds: int = MEAN_ROUNDS,
) -> LabelSaving:
    """Return the labels that a strategy and random need for random's final score.

    All: (..., n), curves along the last axis. rounds: window of the running mean, at
    most the length of either curve. Random's final score is its last running mean. A
    curve reaches it at the first round after which its running mean is never below it.

    >>> labels = [10, 20, 30, 40]
    >>> saving = labels_at_equal_score(
    ...     labels, [0.4, 0.7, 0.8, 0.8], labels, [0.3, 0.4, 0.5, 0.6])
    >>> float(saving.labels), float(saving.random), float(saving.share)
    (30.0, 40.0, 0.25)

    Raises:
        ValueError: no rounds.
    """
    y, z = np.asarray(scores, np.float64), np.asarray(random_scores, np.float64)
    rounds = min(rounds, y.shape[-1], z.shape[-1])
    ours, random = running_mean(y, rounds), running_mean(z, rounds)
    score = random[..., -1:]
    target = score - SCORE_TOLERANCE
    return LabelSaving(
        score[..., 0],
        _labels_at_first_reach(np.asarray(labels, np.float64), ours, target),
        _labels_at_first_reach(np.asarray(random_labels, np.float64), random, target),
    )


def deficiency(scores: Numbers, random: Numbers, full: float) -> float | None:
    """Return sum_t (full - s_t) / sum_t (full - random_t), over the same rounds.

    Baram, El-Yaniv & Luz (2004). full: score with all labels. Below 1 is better than
    random. None, undefined: random exceeds `full` in a round, or equals it in all.

    >>> deficiency([0.5, 0.75, 1.0], [0.5, 0.5, 0.5], 1.0)
    0.5

    Raises:
        ValueError: no rounds, or different numbers of rounds.
    """
    s, r = np.asarray(scores, np.float64), np.asarray(random, np.float64)
    if s.shape != r.shape or not len(s):
        raise ValueError(f"{len(s)} and {len(r)} scores: expected as many, >= 1")
    short = float((full - r).sum())
    if (r > full + SCORE_TOLERANCE).any() or short <= SCORE_TOLERANCE:
        return None
    return float((full - s).sum()) / short


def _labels_at_first_reach(
    labels: Floats, means: Floats, target: Floats | float, *, stays: bool = True
) -> Floats:
    """Return the lowest number of labels with means at the target, (...), or NaN.

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


def _checked_curve(labels: Numbers, scores: Numbers) -> tuple[Floats, Floats]:
    x, y = np.asarray(labels, np.float64), np.asarray(scores, np.float64)
    if x.shape != y.shape or x.ndim != 1 or not len(x):
        raise ValueError(f"{len(x)} labels and {len(y)} scores: expected as many, >= 1")
    if (np.diff(x) <= 0).any():
        raise ValueError("the numbers of labels do not increase from round to round")
    return x, y
