"""The record nearest to the centre of each of n clusters (Yuan et al., 2020)."""

import numpy as np

from alcli.numerics.k_means import ROWS_PER_CLUSTER
from alcli.numerics.k_means import k_means as clustered
from alcli.query.strategies import Pool, Rows, Size, batch


def _memory(size: Size) -> int:
    sample = min(size.n, ROWS_PER_CLUSTER * size.k)
    return 60 * size.n + 24 * size.k * size.d + 8 * sample + (48 << 20)


@batch("vectors", memory=_memory, centred=True)
def k_means(pool: Pool, n: int, rng: np.random.Generator) -> Rows:
    """Return the medoids of n clusters, largest cluster first.

    Centres are fitted on 64 rows per cluster. If many vectors are equal, there are
    fewer clusters, and the rest of the rows is random.
    """
    centres, homes = clustered(pool.vectors, n, rng)
    far = np.empty(len(homes), np.float32)
    for first in range(0, len(homes), 1 << 14):
        some = slice(first, first + (1 << 14))
        far[some] = np.square(pool.vectors[some] - centres[homes[some]]).sum(axis=1)
    order = np.lexsort((far, homes))
    kept, starts, sizes = np.unique(homes[order], return_index=True, return_counts=True)
    medoids = order[starts][np.lexsort((kept, -sizes))]
    rest = np.setdiff1d(np.arange(len(homes)), medoids)
    return np.concatenate([medoids, rest[: n - len(medoids)]])
