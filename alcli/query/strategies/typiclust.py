"""The most typical records of clusters without labels (Hacohen et al., 2022)."""

import numpy as np

from alcli.core.params import check_range
from alcli.core.types import Float32s, Floats
from alcli.numerics.distances import (
    nearest,
    pairwise_squared_distances,
    row_slices,
    squared_norms,
)
from alcli.numerics.k_means import k_means
from alcli.query.strategies import Pool, Rows, Size, batch

SMALL = 5  # clusters of so many records come last


def _memory(size: Size) -> int:
    return 80 * size.n + 48 * 500 * size.d + (96 << 20)


@batch("vectors", memory=_memory, centred=True)
def typiclust(
    pool: Pool,
    n: int,
    rng: np.random.Generator,
    *,
    clusters: int = 500,
    neighbours: int = 20,
    members: int = 5000,
) -> Rows:
    """Return rows from the clusters with the fewest labels, largest cluster first.

    There are min(labelled + n, clusters) clusters. Within one, rows are sorted by
    typicality, 1 / mean distance to the nearest `neighbours` in the cluster, of which
    `members` at most are compared. For a first batch.
    """
    check_range(clusters >= 1, "clusters", clusters, "1 or more")
    check_range(neighbours >= 1, "neighbours", neighbours, "1 or more")
    check_range(members >= 2, "members", members, "2 or more")
    old = pool.labelled
    labelled = 0 if old is None else len(old)
    k = min(labelled + n, clusters, len(pool))
    centres, homes = k_means(pool.vectors, k, rng)
    marked = np.zeros(k, np.intp)
    if old is not None and labelled:
        marked = np.bincount(nearest(old.vectors, centres)[1], minlength=k)
    sizes = np.bincount(homes, minlength=k)
    inside = np.split(np.argsort(homes, kind="stable"), np.cumsum(sizes)[:-1])
    waiting: dict[int, list[int]] = {}
    left, rows = sizes.copy(), np.empty(n, np.intp)
    for place in range(n):
        order = np.lexsort((-sizes, marked, sizes <= SMALL, left == 0))
        home = int(order[0])
        if home not in waiting:
            own = inside[home]
            far = mean_distance(pool.vectors[own], neighbours, members)
            waiting[home] = own[np.argsort(far, kind="stable")].tolist()[::-1]
        rows[place] = waiting[home].pop()
        left[home] -= 1
        marked[home] += 1
    return rows


def mean_distance(x: Float32s, neighbours: int, members: int) -> Floats:
    """Return the mean distance to the nearest other rows, (n,).

    x: (n, d). neighbours: number of them. members: rows of x to compare with.
    """
    others = x[:members]
    others2 = squared_norms(others)
    found = np.zeros(len(x))
    if len(x) == 1:
        return found
    k = min(neighbours, len(others) - 1)
    for rows in row_slices(len(x), 2 * len(others)):
        far = pairwise_squared_distances(x[rows], others, others2)
        own = np.arange(rows.start, min(rows.stop, len(others)))
        far[own - rows.start, own] = np.inf  # its own distance
        close = np.partition(far, k - 1, axis=1)[:, :k]
        found[rows] = np.sqrt(close, dtype=np.float64).mean(axis=1)
    return found
