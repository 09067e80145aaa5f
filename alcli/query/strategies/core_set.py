"""Far from labelled and selected records: greedy k-centre (Sener & Savarese, 2018)."""

import numpy as np

from alcli.numerics.distances import nearest
from alcli.numerics.greedy import PREFETCH, farthest_first
from alcli.query.strategies import Pool, Rows, Size, batch


def _memory(size: Size) -> int:
    return (24 + 8 * PREFETCH) * size.n + (32 << 20)


@batch("vectors", memory=_memory, centred=True)
def core_set(pool: Pool, n: int, rng: np.random.Generator) -> Rows:
    """Return rows, each the farthest from the labelled ones and those before it.

    Algorithm 1, Euclidean, O((L + n) N d). Without labelled records the first is
    random.
    """
    x = pool.vectors
    if pool.labelled is not None and len(pool.labelled):
        near, _ = nearest(x, pool.labelled.vectors)
    else:
        near = np.full(len(x), np.inf, np.float32)
    return farthest_first(n, x, near)
