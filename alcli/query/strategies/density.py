"""Uncertain and representative: information density (Settles & Craven, 2008)."""

import numpy as np

from alcli.numerics.distances import row_slices, unit_vectors
from alcli.numerics.uncertainty import entropy
from alcli.query.strategies import Pool, Rows, Size, batch, top


def _memory(size: Size) -> int:
    return 40 * size.n + 8 * size.n * size.classes + (64 << 20)


@batch("probs", "vectors", memory=_memory)
def density(
    pool: Pool,
    n: int,
    rng: np.random.Generator,
    *,
    references: int = 1000,
    beta: float = 1.0,
) -> Rows:
    """Return the rows of largest entropy x (mean similarity to others) ^ beta.

    Equation 6, with the cosine, negative ones as 0, to a sample of `references` other
    records.
    """
    others = unit_vectors(pool.vectors[:references])
    similarity = np.empty(len(pool), np.float64)
    for rows in row_slices(len(pool), max(len(others), pool.vectors.shape[1])):
        cosines = unit_vectors(pool.vectors[rows]) @ others.T
        own = np.arange(rows.start, min(rows.stop, len(others)))
        cosines[own - rows.start, own] = 0
        np.maximum(cosines, 0, out=cosines)
        similarity[rows] = cosines.sum(axis=1, dtype=np.float64)
    count = np.full(len(pool), len(others))
    count[: len(others)] -= 1
    similarity /= np.maximum(count, 1)
    return top(entropy(pool.scored.probs) * similarity**beta, n)
