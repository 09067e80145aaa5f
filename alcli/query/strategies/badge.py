"""Large and different gradients of the last layer (Ash et al., 2020)."""

import numpy as np

from alcli.core.types import Float32s
from alcli.numerics.distances import squared_norms
from alcli.numerics.greedy import kmeans_plus_plus
from alcli.query.strategies import Pool, Rows, Size, batch


def _memory(size: Size) -> int:
    return 4 * size.n * size.classes + 40 * size.n


@batch("probs", "vectors", memory=_memory)
def badge(pool: Pool, n: int, rng: np.random.Generator) -> Rows:
    """Return k-means++ seeds of the gradients g = (p - e_y) x h, y the likeliest class.

    The first is the longest gradient. The (N, C d) gradients are never computed:
    |g - g'|^2 = |a|^2 |h|^2 + |a'|^2 |h'|^2 - 2 (a.a') (h.h') with a = p - e_y, in
    O(n N (C + d)).
    """
    h = pool.vectors
    a = pool.scored.probs.astype(np.float32)
    a[np.arange(len(a)), pool.scored.probs.argmax(axis=1)] -= 1
    lengths = squared_norms(a) * squared_norms(h)

    def distances(row: int) -> Float32s:
        found: Float32s = h @ h[row]
        found *= a @ a[row]
        found *= -2
        found += lengths
        found += lengths[row]
        return np.maximum(found, 0, out=found)

    return kmeans_plus_plus(n, distances, int(lengths.argmax()), rng)
