"""Predictions unlike those of labelled neighbours (Margatina et al., 2021)."""

import numpy as np

from alcli.core.params import check_range
from alcli.numerics.distances import (
    pairwise_squared_distances,
    row_slices,
    squared_norms,
)
from alcli.query.strategies import Pool, Rows, Size, batch, top


def _memory(size: Size) -> int:
    return 24 * size.n + 16 * size.labelled * (size.classes + 1) + (96 << 20)


@batch("probs", "vectors", "labelled-probs", memory=_memory, centred=True)
def cal(pool: Pool, n: int, rng: np.random.Generator, *, neighbours: int = 10) -> Rows:
    """Return rows of largest mean KL(p of a neighbour || p of the record).

    Contrastive active learning, algorithm 1; neighbours are the nearest labelled
    records, by Euclidean distance.
    """
    check_range(neighbours >= 1, "neighbours", neighbours, "1 or more")
    assert pool.labelled is not None  # a declared need
    others, probs = pool.labelled.vectors, pool.labelled.scored.probs
    others2, k = squared_norms(others), min(neighbours, len(others))
    logs = np.log(np.maximum(probs, 1e-12))
    spread = (probs * logs).sum(axis=1)  # sum p log p
    utility = np.empty(len(pool))
    for rows in row_slices(len(pool), 2 * len(others) + k * probs.shape[1]):
        far = pairwise_squared_distances(pool.vectors[rows], others, others2)
        close = np.argpartition(far, k - 1, axis=1)[:, :k]
        own = np.log(np.maximum(pool.scored.probs[rows], 1e-12))
        cross = np.einsum("nc,nc->n", probs[close].mean(axis=1), own)
        utility[rows] = spread[close].mean(axis=1) - cross
    return top(utility, n)
