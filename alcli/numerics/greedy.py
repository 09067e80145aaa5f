"""Greedy selection of distant rows: farthest-first traversal, k-means++ seeding."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from alcli.core.types import Float32s, Indices
from alcli.numerics.distances import squared_norms

type Distances = Callable[[int], Float32s]

PREFETCH = 16  # rows whose distances are computed together


class PrefetchedDistances:
    """Squared distances of all rows to one row, computed for likely next rows at once.

    Memory: 4 PREFETCH bytes per row.
    """

    # Distances to one row or to PREFETCH rows read the same vectors, and reading them
    # takes most of the time.

    def __init__(self, x: Float32s) -> None:
        self.x, self.x2 = x, squared_norms(x)
        self._rows: list[int] = []
        self._far = np.empty((0, len(x)), np.float32)

    def __call__(self, row: int, likely: NDArray[np.floating]) -> Float32s:
        """Return the squared distances to a row, (n,).

        likely: (n,), larger for rows whose distances are needed sooner.
        """
        if row not in self._rows:
            rest = len(likely) - min(PREFETCH, len(likely))
            self._rows = np.argpartition(likely, rest)[rest:].tolist()
            if row not in self._rows:  # one of several equally likely rows
                self._rows[0] = row
            self._far = self.x[self._rows] @ self.x.T
            self._far *= -2
            self._far += self.x2
            self._far += self.x2[self._rows, None]
            np.maximum(self._far, 0, out=self._far)
        found: Float32s = self._far[self._rows.index(row)]
        return found


def farthest_first(k: int, x: Float32s, near: Float32s) -> Indices:
    """Return k rows, (k,), by farthest-first traversal (greedy k-centre).

    x: (n, d), centred. near: (n,), squared distance of each row to the existing
    centres, infinite without any; changed in place. Ties go to the first row.
    Gonzalez (1985).
    """
    rows, distances = np.empty(k, np.intp), PrefetchedDistances(x)
    for place in range(k):
        row = rows[place] = int(near.argmax())
        np.minimum(near, distances(row, near), out=near)
        near[row] = -1
    return rows


def kmeans_plus_plus(
    k: int, distances: Distances, first: int, rng: np.random.Generator
) -> Indices:
    """Return k rows, (k,), by k-means++ seeding (Arthur & Vassilvitskii, 2007).

    Each row is drawn in proportion to its squared distance to the nearest row drawn
    before. distances: function from a row to the squared distances of all rows, (n,),
    called once per row drawn. first: the row to begin with. Each draw takes one number
    of `rng`; once all distances are 0, the first rows left follow.
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
        last = int(
            np.searchsorted(sums, sums[-1])
        )  # the last row with a distance above 0
        row = int(np.searchsorted(sums, chance * sums[-1], side="right"))
        rows.append(min(row, last))
        np.minimum(near, distances(rows[-1]), out=near)
        near[rows] = 0
    return np.array(rows, np.intp)
