"""k-means by Lloyd's algorithm (1982), from k-means++ seeds."""

from __future__ import annotations

import numpy as np

from alcli.core.types import Float32s, Indices
from alcli.numerics.distances import nearest, squared_distances, squared_norms
from alcli.numerics.greedy import kmeans_plus_plus

ROWS_PER_CLUSTER = 64  # to fit the centres on
ITERATIONS = 20


def k_means(x: Float32s, k: int, rng: np.random.Generator) -> tuple[Float32s, Indices]:
    """Return k centres, (k, d), and the index of the nearest one for each row, (n,).

    x: (n, d), centred, in random order. The centres are fitted on the first
    ROWS_PER_CLUSTER x k rows, until no row changes its cluster or after ITERATIONS.
    """
    some = x[: ROWS_PER_CLUSTER * k]
    some2 = squared_norms(some)
    first = int(rng.integers(len(some)))
    seeds = kmeans_plus_plus(
        k, lambda row: squared_distances(some, some2, some[row]), first, rng
    )
    centres = some[seeds]
    clusters = np.full(len(some), -1)
    for _ in range(ITERATIONS):
        _, moved = nearest(some, centres)
        if (moved == clusters).all():
            break
        clusters = moved
        sizes = np.bincount(clusters, minlength=k)
        sums = np.stack(
            [np.bincount(clusters, column, minlength=k) for column in some.T], axis=1
        )
        filled = sizes > 0  # the centre of an empty cluster stays
        centres[filled] = sums[filled] / sizes[filled, None]
    return centres, nearest(x, centres)[1]
