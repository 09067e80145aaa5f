"""Significance: Wilcoxon, Holm, bootstrap over seeds."""

from itertools import product

import numpy as np
import pytest

from alcli.numerics.significance import (
    bootstrap_over_seeds,
    holm,
    mean_interval,
    seeds_needed,
    too_few_seeds,
    wilcoxon,
)

SEEDS = range(20)


def slow_wilcoxon(differences):
    """Return p by enumeration of all 2^n signs."""
    sizes = [abs(d) for d in differences]
    ranks = [
        sum(other < size for other in sizes) + (sizes.count(size) + 1) / 2
        for size in sizes
    ]
    seen = sum(r for r, d in zip(ranks, differences, strict=True) if d > 0)
    kept = [r for r, d in zip(ranks, differences, strict=True) if d]
    sums = [
        sum(r for r, sign in zip(kept, signs, strict=True) if sign)
        for signs in product([0, 1], repeat=len(kept))
    ]
    below = sum(total <= seen for total in sums) / len(sums)
    above = sum(total >= seen for total in sums) / len(sums)
    return min(1, 2 * min(below, above))


@pytest.mark.parametrize("seed", SEEDS)
def test_wilcoxon_equals_the_enumeration_of_all_signs(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 11))
    tied = rng.integers(-3, 4, n) / 8  # ties and zeros
    free = rng.normal(0.3, 1, n)

    assert wilcoxon(tied) == pytest.approx(slow_wilcoxon(tied.tolist()))
    assert wilcoxon(free) == pytest.approx(slow_wilcoxon(free.tolist()))


@pytest.mark.parametrize("n", [1, 6, 10, 25, 60])
def test_wilcoxon_without_ties_equals_scipy(n):
    from scipy import stats

    d = np.random.default_rng(n).normal(0.2, 1, n)

    assert wilcoxon(d) == pytest.approx(stats.wilcoxon(d, method="exact").pvalue)


def test_wilcoxon_ignores_rounding_and_the_direction():
    noisy = [0.1 + 0.2 - 0.3, 0.1 + 0.2, -0.3, 0.5, 0.6, 0.7]

    assert noisy[0] != 0
    assert wilcoxon(noisy) == wilcoxon([0, 0.3, -0.3, 0.5, 0.6, 0.7])
    assert wilcoxon(noisy) == wilcoxon([-d for d in noisy])


def test_wilcoxon_without_differences_is_1():
    assert wilcoxon([0.0] * 10) == 1
    assert wilcoxon([]) == 1
    assert wilcoxon([0.5]) == 1


def test_wilcoxon_rejects_nan():
    with pytest.raises(ValueError, match="finite"):
        wilcoxon([0.1, float("nan")])


def slow_holm(p):
    adjusted = []
    for mine in p:
        worst = 0
        for other in sorted(p):
            if other <= mine:
                ahead = sum(x < other for x in p)
                worst = max(worst, (len(p) - ahead) * other)
        adjusted.append(min(1, worst))
    return adjusted


@pytest.mark.parametrize("seed", SEEDS)
def test_holm_equals_its_definition(seed):
    rng = np.random.default_rng(seed)
    p = (rng.integers(1, 40, rng.integers(1, 9)) / 100).tolist()  # with ties

    assert holm(p) == pytest.approx(slow_holm(p))


def test_holm_equals_a_published_example():
    """From the reference of pingouin's `multicomp`, method holm."""
    p = [0.50, 0.003, 0.32, 0.054, 0.0003]

    assert holm(p) == pytest.approx([0.64, 0.012, 0.64, 0.162, 0.0015])
    assert holm([]) == []


def slow_interval(values, seed):
    """Return the percentile interval of plain resamples."""
    rng = np.random.default_rng(seed)
    n = len(values)
    means = sorted(
        sum(values[int(rng.integers(n))] for _ in range(n)) / n for _ in range(4000)
    )
    return means[100], means[-101]


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_of_a_mean_equals_that_of_plain_resamples(seed):
    values = np.random.default_rng(seed).normal(0.1, 1, 9).tolist()
    close = pytest.approx(slow_interval(values, seed), abs=0.06)

    assert mean_interval(values, rounds=4000) == close


def test_the_seed_determines_the_interval():
    values = np.random.default_rng(0).normal(0, 1, 10)

    assert mean_interval(values) == mean_interval(values)
    assert mean_interval(values) != mean_interval(values, seed=1)


def test_a_higher_level_widens_the_interval():
    values = np.random.default_rng(0).normal(0, 1, 10)
    wide, narrow = mean_interval(values, level=0.99), mean_interval(values, level=0.5)

    assert wide.low < narrow.low < values.mean() < narrow.high < wide.high


def test_seeds_stay_paired():
    """The difference is equal in every seed, so its interval is a point."""
    ours = np.array([0.1, 0.5, 0.9, 0.3]) + 0.05
    random = np.array([0.1, 0.5, 0.9, 0.3])
    found = bootstrap_over_seeds(lambda weights: weights @ ours - weights @ random, 4)

    assert found == pytest.approx((0.05, 0.05))


def test_an_end_may_be_infinite_but_not_nan():
    found = bootstrap_over_seeds(
        lambda weights: np.where(weights[:, 0] > 0, weights[:, 0], -np.inf), 5
    )

    assert found.low == -np.inf
    assert found.high == pytest.approx(0.6)


def test_no_seeds_are_rejected():
    with pytest.raises(ValueError, match="no seeds"):
        mean_interval([])


@pytest.mark.parametrize("strategies", [1, 2, 3, 5, 10, 40])
def test_too_few_seeds_are_never_significant(strategies):
    for seeds in range(1, 15):
        best = wilcoxon(range(1, seeds + 1))
        found = holm([best] * strategies)[0]

        assert too_few_seeds(seeds, strategies) == (found > 0.05)
        assert too_few_seeds(seeds, strategies) == (seeds < seeds_needed(strategies))
