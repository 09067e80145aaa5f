"""Rows that lie far from each other, one after the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from alcli.numerics.distances import Vectors, squares

type Distances = Callable[[int], Vectors]
type Rows = NDArray[np.intp]

AHEAD = 16  # rows whose distances are worked out together


class Ahead:
    """Squared distances of all rows to one, and to those that may be asked for next.

    To measure to one row all vectors are read; to measure to AHEAD rows, too, and
    reading is what takes the time. Memory: 4 AHEAD bytes a row.
    """

    def __init__(self, x: Vectors) -> None:
        self.x, self.x2 = x, squares(x)
        self._rows: list[int] = []
        self._far = np.empty((0, len(x)), np.float32)

    def __call__(self, row: int, likely: NDArray[np.floating]) -> Vectors:
        """Return the distances to a row, (n,).

        likely: (n,), the larger the sooner a row will be asked for.
        """
        if row not in self._rows:
            rest = len(likely) - min(AHEAD, len(likely))
            self._rows = np.argpartition(likely, rest)[rest:].tolist()
            if row not in self._rows:  # as likely as others
                self._rows[0] = row
            self._far = self.x[self._rows] @ self.x.T
            self._far *= -2
            self._far += self.x2
            self._far += self.x2[self._rows, None]
            np.maximum(self._far, 0, out=self._far)
        found: Vectors = self._far[self._rows.index(row)]
        return found


def farthest(k: int, x: Vectors, near: Vectors) -> Rows:
    """Return k rows, each the farthest from those before: greedy k-centre.

    near: the squared distance of each row to the centres that there are, infinite
    without any; it is changed. Of equally far rows the first.
    """
    rows, distances = np.empty(k, np.intp), Ahead(x)
    for place in range(k):
        row = rows[place] = int(near.argmax())
        np.minimum(near, distances(row, near), out=near)
        near[row] = -1
    return rows


def sampled(k: int, distances: Distances, first: int, rng: np.random.Generator) -> Rows:
    """Return k rows, drawn in proportion to their squared distance to the chosen ones.

    distances: of all rows to one, (n,); it is asked once for each pick, so nothing but
    a few arrays of n numbers is held.

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
