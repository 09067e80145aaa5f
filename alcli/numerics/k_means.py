"""k-means, by Lloyd's algorithm from k-means++ seeds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alcli.numerics.distances import Vectors, nearest, squares, to_one
from alcli.numerics.greedy import sampled

SAMPLE = 64  # rows for each cluster that the centres are fitted on
ITERATIONS = 20


def k_means(
    x: Vectors, k: int, rng: np.random.Generator
) -> tuple[Vectors, NDArray[np.intp]]:
    """Return k centres, (k, d), and the nearest of each row, (n,).

    The centres are fitted on the first SAMPLE x k rows (those of a `Pool` stand by
    chance), until no row moves or ITERATIONS are done.
    """
    some = x[: SAMPLE * k]
    some2 = squares(some)
    first = int(rng.integers(len(some)))
    seeds = sampled(k, lambda row: to_one(some, some2, some[row]), first, rng)
    centres = some[seeds]
    homes = np.full(len(some), -1)
    for _ in range(ITERATIONS):
        _, moved = nearest(some, centres)
        if (moved == homes).all():
            break
        homes = moved
        sizes = np.bincount(homes, minlength=k)
        sums = np.stack(
            [np.bincount(homes, column, minlength=k) for column in some.T], axis=1
        )
        held = sizes > 0  # an empty cluster stays where it is
        centres[held] = sums[held] / sizes[held, None]
    return centres, nearest(x, centres)[1]
