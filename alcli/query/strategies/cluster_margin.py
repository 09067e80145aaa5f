"""Small margins, round-robin over clusters, small first (Citovsky et al., 2021)."""

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
    """Return rows of the `candidates` x n smallest margins, round-robin over clusters.

    Algorithm 2, with k-means in place of HAC (which is N x N) and the smallest margin
    of a cluster in place of a random one. clusters: 0 means n.
    """
    check_range(clusters >= 0, "clusters", clusters, "0 or more")
    check_range(candidates >= 1, "candidates", candidates, "1 or more")
    _, homes = k_means(pool.vectors, min(clusters or n, len(pool)), rng)
    uncertain = top(-margin(pool.scored.probs), candidates * n)
    sizes = np.bincount(homes[uncertain])
    # the turn of each row: its rank within its cluster
    order = np.argsort(homes[uncertain], kind="stable")
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    turns = np.empty(len(uncertain), np.intp)
    turns[order] = np.arange(len(uncertain)) - starts
    own = homes[uncertain]
    return uncertain[np.lexsort((own, sizes[own], turns))][:n]
