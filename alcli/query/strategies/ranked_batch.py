"""Uncertain, and unlike labelled or selected records (Cardoso et al., 2017)."""

import numpy as np

from alcli.core.params import check_range
from alcli.core.types import Float32s
from alcli.numerics.distances import (
    nearest,
    pairwise_squared_distances,
    row_slices,
    squared_norms,
)
from alcli.numerics.greedy import PREFETCH, PrefetchedDistances
from alcli.numerics.uncertainty import confidence
from alcli.query.strategies import Pool, Rows, Size, batch


def _memory(size: Size) -> int:
    return (56 + 8 * PREFETCH) * size.n + (32 << 20)


@batch("probs", "vectors", memory=_memory, centred=True)
def ranked_batch(
    pool: Pool, n: int, rng: np.random.Generator, *, references: int = 2000
) -> Rows:
    """Return rows, each of largest a (1 - similarity) + (1 - a) (1 - p1).

    a: share of unlabelled records; selected ones count as labelled. similarity: to the
    most similar labelled or selected record, 1 / (1 + distance). Without labels the
    first is the record of least mean distance to the pool, as in modAL, of which
    `references` records are a sample.
    """
    check_range(references >= 1, "references", references, "1 or more")
    x = pool.vectors
    distances = PrefetchedDistances(x)
    uncertainty = 1 - confidence(pool.scored.probs)
    labelled = 0 if pool.labelled is None else len(pool.labelled)
    if pool.labelled is not None and labelled:
        near, _ = nearest(x, pool.labelled.vectors)
    else:
        near = np.full(len(x), np.inf, np.float32)
    rows = np.empty(n, np.intp)
    free = np.zeros(len(x))
    for place in range(n):
        share = (len(x) - place) / (len(x) + labelled)
        unlike = 1 - 1 / (1 + np.sqrt(near, dtype=np.float64))
        utility = share * unlike + (1 - share) * uncertainty + free
        if place == 0 and not labelled:
            row = _most_central(x, x[:references])
        else:
            row = int(utility.argmax())
        rows[place] = row
        np.minimum(near, distances(row, utility), out=near)
        free[row] = -np.inf
    return rows


def _most_central(x: Float32s, others: Float32s) -> int:
    """Return the row of least mean distance to others; of equal ones the first."""
    others2, mean = squared_norms(others), np.empty(len(x))
    for rows in row_slices(len(x), 2 * len(others)):
        far = pairwise_squared_distances(x[rows], others, others2)
        mean[rows] = np.sqrt(far, dtype=np.float64).mean(axis=1)
    return int(mean.argmin())
