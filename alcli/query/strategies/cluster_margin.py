"""Small margins of many clusters in turn, small ones first (Citovsky et al., 2021)."""

import numpy as np

from alcli.core.params import check_range
from alcli.numerics.k_means import k_means
from alcli.numerics.uncertainty import margin
from alcli.query.strategies import Pool, Rows, Size, batch, top


def _memory(size: Size) -> int:
    return 60 * size.n + 24 * size.k * size.d + 8 * size.n * size.classes + (48 << 20)


@batch("probs", "vectors", memory=_memory, centred=True)
def cluster_margin(
    pool: Pool,
    n: int,
    rng: np.random.Generator,
    *,
    clusters: int = 0,
    candidates: int = 10,
) -> Rows:
    """Return rows of `candidates` x n smallest margins, in turn from their clusters.

    Algorithm 2, with k-means in place of HAC (which is N x N) and the smallest margin
    of a cluster in place of one at random. clusters: 0 is as many as are asked for.
    """
    check_range(clusters >= 0, "clusters", clusters, "0 or more")
    check_range(candidates >= 1, "candidates", candidates, "1 or more")
    _, homes = k_means(pool.vectors, min(clusters or n, len(pool)), rng)
    unsure = top(-margin(pool.scored.probs), candidates * n)
    sizes = np.bincount(homes[unsure])
    # the turn of each: how many of its cluster come before it
    order = np.argsort(homes[unsure], kind="stable")
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    turns = np.empty(len(unsure), np.intp)
    turns[order] = np.arange(len(unsure)) - starts
    own = homes[unsure]
    return unsure[np.lexsort((own, sizes[own], turns))][:n]
