"""Unsure of, and unlike what is labelled or chosen (Cardoso et al., 2017)."""

import numpy as np

from alcli.geometry.distances import nearest
from alcli.geometry.spread import AHEAD, Ahead
from alcli.metrics.uncertainty import confidence
from alcli.strategies import Pool, Rows, Size, batch


def _memory(size: Size) -> int:
    return (56 + 8 * AHEAD) * size.n + (32 << 20)


@batch("probs", "vectors", memory=_memory)
def ranked_batch(pool: Pool, n: int, rng: np.random.Generator) -> Rows:
    """Return rows, each of largest a (1 - similarity) + (1 - a) (1 - p1).

    a: the share of unlabelled records, those chosen count as labelled. similarity: to
    the most similar labelled or chosen record, 1 / (1 + distance); 0 without any.
    """
    x = pool.vectors
    distances = Ahead(x)
    doubt = 1 - confidence(pool.scored.probs)
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
        utility = share * unlike + (1 - share) * doubt + free
        row = rows[place] = int(utility.argmax())
        np.minimum(near, distances(row, utility), out=near)
        free[row] = -np.inf
    return rows
