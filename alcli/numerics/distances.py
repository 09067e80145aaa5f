"""Squared Euclidean distances between float32 vectors, computed in tiles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from alcli.core.types import Float32s, Indices

TILE = 1 << 20  # float32 numbers in memory at a time: 4 MB


def row_slices(n: int, width: int) -> Iterator[slice]:
    """Yield slices of n rows of `width` numbers, each at most TILE numbers."""
    step = max(1, TILE // max(1, width))
    yield from (slice(a, min(a + step, n)) for a in range(0, n, step))


def centre(x: Float32s, *others: Float32s) -> None:
    """Subtract the mean of x from all vectors, in place; distances do not change."""
    # Squared distances are computed as differences of squared norms, which cancel in
    # float32: at a mean of 1,000 and a spread of 1 all distances would be 0.
    if len(x):
        mean = x.mean(axis=0, dtype=np.float64).astype(np.float32)
        for vectors in (x, *others):
            vectors -= mean


def exact_squared_distances(x: Float32s, one: Float32s) -> Float32s:
    """Return the squared distance of each row of x to one, (n,), from differences.

    Slower than `squared_distances`, but needs no centred vectors.
    """
    found = np.empty(len(x), np.float32)
    for rows in row_slices(*x.shape):
        found[rows] = squared_norms(x[rows] - one)
    return found


def squared_norms(x: Float32s) -> Float32s:
    """Return the squared L2 norm of each row, (n,), of (n, d)."""
    found: Float32s = np.einsum("nd,nd->n", x, x)
    return found


def squared_distances(x: Float32s, x2: Float32s, one: Float32s) -> Float32s:
    """Return the squared distance of each row of x to one, (n,).

    x: (n, d), centred. x2: (n,), squared norms of x. one: (d,).
    """
    found: Float32s = x @ one
    found *= -2
    found += x2
    found += one @ one
    return np.maximum(found, 0, out=found)


def pairwise_squared_distances(x: Float32s, y: Float32s, y2: Float32s) -> Float32s:
    """Return the squared distances of rows of x to rows of y, (n, m), for one tile.

    x: (n, d). y: (m, d). y2: (m,), squared norms of y. Both are centred.
    """
    found: Float32s = x @ y.T
    found *= -2
    found += squared_norms(x)[:, None]
    found += y2
    return np.maximum(found, 0, out=found)


def nearest(x: Float32s, y: Float32s) -> tuple[Float32s, Indices]:
    """Return the squared distance to the nearest row of y, (n,), and its index, (n,).

    x: (n, d), y: (m, d), centred. Without any y: infinity, and 0.
    """
    far = np.full(len(x), np.inf, np.float32)
    place = np.zeros(len(x), np.intp)
    y2 = squared_norms(y)
    for rows in row_slices(len(x), len(y)):
        tile = pairwise_squared_distances(x[rows], y, y2) if len(y) else far[rows, None]
        place[rows] = tile.argmin(axis=1)
        far[rows] = np.take_along_axis(tile, place[rows, None], axis=1)[:, 0]
    return far, place


def unit_vectors(x: Float32s) -> Float32s:
    """Return the vectors scaled to unit norm, (n, d); zero vectors stay zero."""
    lengths: Float32s = np.sqrt(squared_norms(x))
    lengths[lengths == 0] = 1
    found: Float32s = x / lengths[:, None]
    return found
