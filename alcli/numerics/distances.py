"""Distances from many vectors to others, a tile at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

type Vectors = NDArray[np.float32]

TILE = 1 << 20  # numbers that are in memory at a time: 4 MB


def slices(n: int, width: int) -> Iterator[slice]:
    """Yield slices of n rows, so that a slice times `width` is a tile at most."""
    step = max(1, TILE // max(1, width))
    yield from (slice(a, min(a + step, n)) for a in range(0, n, step))


def centre(x: Vectors, *others: Vectors) -> None:
    """Move vectors, in place, so that the mean of x is the origin.

    Distances stay. The square of one is a difference of squares of lengths, and of two
    large numbers float32 leaves nothing: at a mean of 1,000 and a spread of 1 all
    vectors would be at one place.
    """
    if len(x):
        mean = x.mean(axis=0, dtype=np.float64).astype(np.float32)
        for vectors in (x, *others):
            vectors -= mean


def apart(x: Vectors, one: Vectors) -> Vectors:
    """Return the squared distance of each vector to one, (n,), wherever they lie.

    It is slower than `to_one`, and needs no mean at the origin.
    """
    found = np.empty(len(x), np.float32)
    for rows in slices(*x.shape):
        found[rows] = squares(x[rows] - one)
    return found


def squares(x: Vectors) -> Vectors:
    """Return the square of each vector's length, (n,)."""
    found: Vectors = np.einsum("nd,nd->n", x, x)
    return found


def to_one(x: Vectors, x2: Vectors, one: Vectors) -> Vectors:
    """Return the squared distance of each vector to one, (n,); x2: squares of x."""
    found: Vectors = x @ one
    found *= -2
    found += x2
    found += one @ one
    return np.maximum(found, 0, out=found)


def to_all(x: Vectors, y: Vectors, y2: Vectors) -> Vectors:
    """Return the squared distance of each x to each y, (n, m); for tiles."""
    found: Vectors = x @ y.T
    found *= -2
    found += squares(x)[:, None]
    found += y2
    return np.maximum(found, 0, out=found)


def nearest(x: Vectors, y: Vectors) -> tuple[Vectors, NDArray[np.intp]]:
    """Return the squared distance to the nearest y, (n,), and which it is, (n,)."""
    far = np.full(len(x), np.inf, np.float32)
    place = np.zeros(len(x), np.intp)
    y2 = squares(y)
    for rows in slices(len(x), len(y)):
        tile = to_all(x[rows], y, y2) if len(y) else far[rows, None]
        place[rows] = tile.argmin(axis=1)
        far[rows] = np.take_along_axis(tile, place[rows, None], axis=1)[:, 0]
    return far, place


def unit(x: Vectors) -> Vectors:
    """Return vectors of length 1; a zero vector stays one: it is like nothing."""
    lengths: Vectors = np.sqrt(squares(x))
    lengths[lengths == 0] = 1
    found: Vectors = x / lengths[:, None]
    return found
