"""Greedy k-centre that measures to every centre again at each pick.

As the greedy core-set of small-text does, which is not run here: a matrix of distances
to all labelled records and all picks, in parts of 100 rows, and its minimum, each time.
"""

from typing import Any

import numpy as np


def rows(pool: Any, n: int, rng: np.random.Generator) -> list[int]:
    """Return rows, each the farthest from the labelled ones and those before it."""
    x, old = pool.vectors, pool.labelled.vectors
    squares = np.einsum("nd,nd->n", x, x)
    found: list[int] = []
    for _ in range(n):
        centres = np.concatenate([old, x[found]])
        centres2 = np.einsum("nd,nd->n", centres, centres)
        near = np.empty(len(x), np.float32)
        for first in range(0, len(x), 100):
            some = slice(first, first + 100)
            far = squares[some, None] + centres2 - 2 * (x[some] @ centres.T)
            near[some] = np.sqrt(np.maximum(far, 0)).min(axis=1)
        near[found] = -np.inf
        found.append(int(near.argmax()))
    return found
