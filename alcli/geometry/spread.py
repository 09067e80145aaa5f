"""Rows that lie far from each other, one after the other.

`distances(row)` gives the squared distance of all rows to one, (n,); it is asked once
for each pick, so nothing but a few arrays of n numbers is held.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from alcli.geometry.distances import Vectors

type Distances = Callable[[int], Vectors]
type Rows = NDArray[np.intp]


def farthest(k: int, distances: Distances, near: Vectors) -> Rows:
    """Return k rows, each the farthest from those before: greedy k-centre.

    near: the squared distance of each row to the centres that there are, infinite
    without any; it is changed. Of equally far rows the first.
    """
    rows = np.empty(k, np.intp)
    for place in range(k):
        row = rows[place] = int(near.argmax())
        np.minimum(near, distances(row), out=near)
        near[row] = -1
    return rows


def sampled(k: int, distances: Distances, first: int, rng: np.random.Generator) -> Rows:
    """Return k rows, each by chance in proportion to its squared distance to the rest.

    The seeding of k-means++ (Arthur & Vassilvitskii, 2007) from a first row. One number
    of `rng` is used for each row; where all distances are 0, the first rows follow.
    """
    rows = [first]
    near = distances(first)
    sums = np.empty(len(near), np.float64)
    near[first] = 0
    while len(rows) < k:
        np.cumsum(near, dtype=np.float64, out=sums)
        chance = rng.random()
        if not sums[-1] > 0:
            rest = np.setdiff1d(np.arange(len(near)), rows)
            return np.array([*rows, *rest[: k - len(rows)]], np.intp)
        last = int(np.searchsorted(sums, sums[-1]))  # the last with a distance
        row = int(np.searchsorted(sums, chance * sums[-1], side="right"))
        rows.append(min(row, last))
        np.minimum(near, distances(rows[-1]), out=near)
        near[rows] = 0
    return np.array(rows, np.intp)
