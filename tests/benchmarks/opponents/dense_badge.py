"""BADGE on the whole matrix of gradients, (n, C d), as it is usually written."""

from typing import Any

import numpy as np


def rows(pool: Any, n: int, rng: np.random.Generator) -> list[int]:
    """Return the seeds of k-means++ on the gradients."""
    h, probs = pool.vectors, pool.scored.probs
    a = probs.astype(np.float32)
    a[np.arange(len(a)), probs.argmax(axis=1)] -= 1
    size, width = len(h), h.shape[1] * a.shape[1]
    gradients = np.empty((size, width), np.float32)
    for first in range(0, size, 500):
        some = slice(first, first + 500)
        out = gradients[some].reshape(-1, a.shape[1], h.shape[1])
        np.einsum("nc,nd->ncd", a[some], h[some], out=out)
    lengths = np.concatenate(
        [
            np.einsum("ij,ij->i", part, part)
            for part in (
                gradients[first : first + 500] for first in range(0, size, 500)
            )
        ]
    )
    found = [int(lengths.argmax())]
    near = np.full(size, np.inf, np.float32)
    while len(found) < n:
        row = found[-1]
        far = lengths + lengths[row] - 2 * (gradients @ gradients[row])
        near = np.minimum(near, np.maximum(far, 0))
        near[found] = 0
        sums = np.cumsum(near, dtype=np.float64)
        found.append(int(np.searchsorted(sums, rng.random() * sums[-1], side="right")))
    return found
