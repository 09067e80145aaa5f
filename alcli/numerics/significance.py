"""Significance over paired seeds: bootstrap, Wilcoxon's test, Holm's correction.

Paired: for one seed all strategies share the test set, the start set and the initial
weights, so that what is left of a difference is the strategy's, and chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log2
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]

ALPHA = 0.05
_DIGITS = 12  # differences that agree so far are equal: the rest is rounding


class Interval(NamedTuple):
    """The middle `level` of the resamples; an end may be infinite."""

    low: float
    high: float


def by_seeds(
    statistic: Callable[[Floats], Floats],
    seeds: int,
    *,
    rounds: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return the percentile interval of what seeds drawn with replacement come to.

    Efron (1979); Efron & Tibshirani (1993), chapter 13. statistic: from weights
    (rounds, seeds), how often each seed was drawn over how many were, to (rounds,)
    values; `weights @ curves` are seed means, and the same weights for two groups keep
    them paired. An end is the resample next to the quantile on its outer side, so
    values may be infinite. The same seed draws the same. Memory: 8 bytes for each
    round, by seeds, and what the statistic takes.

    Raises:
        ValueError: no seeds.
    """
    if seeds < 1:
        raise ValueError("no seeds to draw from")
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(seeds, np.full(seeds, 1 / seeds), size=rounds)
    values = np.sort(statistic(draws / seeds))
    outside = (1 - level) / 2 * (len(values) - 1)
    return Interval(float(values[floor(outside)]), float(values[-1 - floor(outside)]))


def mean_interval(
    differences: ArrayLike, *, rounds: int = 2000, level: float = 0.95, seed: int = 0
) -> Interval:
    """Return the percentile interval of the mean of paired differences, (seeds,).

    See `by_seeds`. With a few seeds it is too narrow: of ten normal differences it
    holds the true mean in 91 % of cases, of five in 84 %.

    >>> mean_interval([0.5, 0.5, 0.5])
    Interval(low=0.5, high=0.5)

    Raises:
        ValueError: no differences.
    """
    d = np.asarray(differences, np.float64)
    return by_seeds(
        lambda weights: weights @ d, len(d), rounds=rounds, level=level, seed=seed
    )


def wilcoxon(differences: ArrayLike) -> float:
    """Return the exact two-sided p of the signed-rank test (Wilcoxon, 1945).

    Exact with ties and zeros too: the distribution is that of the ranks at hand under
    all 2^n signs, equally likely. Zeros are ranked and then left out (Pratt, 1959), so
    differences that are all zero give 1. Twice the smaller tail, at most 1; what agrees
    to twelve digits is a tie. differences: (n,). Time: n times the sum of the ranks.

    >>> wilcoxon([0.1, 0.2, 0.3, 0.4, 0.5])
    0.0625
    >>> wilcoxon([0.0, 0.0])
    1.0

    Raises:
        ValueError: a difference is not a number.
    """
    d = np.round(np.asarray(differences, np.float64), _DIGITS)
    if not np.isfinite(d).all():
        raise ValueError("a difference is not a finite number")
    _, place, sizes = np.unique(np.abs(d), return_inverse=True, return_counts=True)
    twice = 2 * np.cumsum(sizes) - sizes + 1  # ranks of ties are means: halves
    ranks = twice[place][d != 0]
    chance = np.ones(1)  # of each sum of the ranks above zero
    for rank in ranks.tolist():
        grown = np.zeros(len(chance) + rank)
        grown[: len(chance)] += chance / 2
        grown[rank:] += chance / 2
        chance = grown
    above = int(twice[place][d > 0].sum())
    tail = min(chance[: above + 1].sum(), chance[above:].sum())
    return float(min(1.0, 2 * tail))


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values adjusted for how many there are (Holm, 1979), in their order.

    The i-th smallest of m, from i = 1, becomes max over j <= i of (m - j + 1) p_j, at
    most 1: to reject where that is at most alpha keeps the chance of a single false
    rejection among all at alpha, however the tests depend on each other.

    >>> [round(x, 4) for x in holm([0.5, 0.003, 0.32, 0.054, 0.0003])]
    [0.64, 0.012, 0.64, 0.162, 0.0015]
    """
    values = np.asarray(p, np.float64)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1)
    return adjusted.tolist()


def too_few(seeds: int, strategies: int) -> bool:
    """Check whether paired seeds are too few for any verdict at 5 %.

    The smallest p that the signed-rank test can give of n seeds is 2^(1-n), and Holm's
    largest factor is the number of strategies compared.

    >>> too_few(5, 1), too_few(6, 1), too_few(8, 5), too_few(7, 5)
    (True, False, False, True)
    """
    return strategies * 2.0 ** (1 - seeds) > ALPHA


def seeds_needed(strategies: int) -> int:
    """Return the fewest seeds that are not too few.

    >>> seeds_needed(1), seeds_needed(5), seeds_needed(10)
    (6, 8, 9)
    """
    return ceil(1 + log2(strategies / ALPHA))
