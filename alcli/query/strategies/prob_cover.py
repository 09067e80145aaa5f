"""Balls around selected records that cover most of the pool (Yehuda et al., 2022)."""

import numpy as np

from alcli.core.params import check_range
from alcli.core.types import Float32s
from alcli.numerics.distances import (
    nearest,
    pairwise_squared_distances,
    row_slices,
    squared_distances,
    squared_norms,
)
from alcli.numerics.k_means import k_means
from alcli.query.strategies import Pool, Rows, Size, batch

_SAMPLE = 2000
_TILE = 2048


def _memory(size: Size) -> int:
    return (_TILE // 8 + 32) * size.n + (8 * size.d + 24) * _SAMPLE + (96 << 20)


@batch("vectors", memory=_memory, centred=True)
def prob_cover(
    pool: Pool,
    n: int,
    rng: np.random.Generator,
    *,
    delta: float = 0.0,
    clusters: int = 10,
    purity: float = 0.95,
) -> Rows:
    """Return rows, each with the most uncovered records within a distance of `delta`.

    Algorithm 1; labelled records cover, too. Once all is covered the rest is random.
    Edges are recomputed, not stored, so memory does not depend on delta. For a first
    batch.

    delta: 0 means the largest at which a share `purity` of the balls lies within one of
    `clusters` k-means clusters, estimated on a sample (section 3.3).
    """
    check_range(delta >= 0, "delta", delta, "0 or more")
    check_range(clusters >= 2, "clusters", clusters, "2 or more")
    check_range(0 < purity < 1, "purity", purity, "between 0 and 1")
    x = pool.vectors
    x2 = squared_norms(x)
    reach = delta**2 or _radius(x[:_SAMPLE], clusters, purity, rng)
    bare = np.ones(len(x), bool)
    if pool.labelled is not None and len(pool.labelled):
        bare = nearest(x, pool.labelled.vectors)[0] > reach
    gain = _within(x, x2, np.flatnonzero(bare), reach, np.arange(len(x)))
    rows = np.empty(n, np.intp)
    free = np.ones(len(x), bool)
    for place in range(n):
        row = int(gain.argmax())
        if gain[row] <= 0:  # all is covered
            rows[place:] = np.flatnonzero(free)[: n - place]
            break
        rows[place] = row
        far = squared_distances(x, x2, x[row])
        fresh = bare & (far <= reach)
        fresh[row] = bare[row]
        # rows that lose a neighbour are within 2 delta, and a little for rounding
        close = np.flatnonzero(far <= 4.001 * reach + 1e-4 * x2[row])
        gain[close] -= _within(x, x2, np.flatnonzero(fresh), reach, close)
        bare &= ~fresh
        free[row], gain[row] = False, -len(x)
    return rows


def _within(x: Float32s, x2: Float32s, some: Rows, reach: float, of: Rows) -> Rows:
    """Count the rows `some` within reach of each of the rows `of`, itself included.

    |x - y|^2 <= reach is x.y - |x|^2 / 2 - (|y|^2 - reach) / 2 >= 0: one product of
    vectors with two more columns, one comparison, and bits counted 64 at a time.

    x2: squared norms of x. reach: squared distance.
    """
    found = np.zeros(len(of), np.intp)
    for first in range(0, len(some), _TILE):
        part = some[first : first + _TILE]
        others = np.empty((x.shape[1] + 2, len(part)), np.float32)
        others[:-2], others[-2] = x[part].T, 1
        others[-1] = (np.float32(reach) - x2[part]) / 2
        bits = np.zeros((len(of), -(-len(part) // 64)), np.uint64)
        for rows in row_slices(len(of), max(others.shape)):
            longer = np.empty((rows.stop - rows.start, len(others)), np.float32)
            longer[:, :-2], longer[:, -1] = x[of[rows]], 1
            longer[:, -2] = x2[of[rows]] / -2
            packed = np.packbits(longer @ others >= 0, axis=1)
            bits[rows].view(np.uint8)[:, : packed.shape[1]] = packed
        found += np.bitwise_count(bits).sum(axis=1, dtype=np.intp)
    return found


def _radius(
    x: Float32s, clusters: int, purity: float, rng: np.random.Generator
) -> float:
    """Return the square of the largest radius at which a share of balls is pure."""
    _, homes = k_means(x, min(clusters, len(x)), rng)
    x2, foreign = squared_norms(x), np.full(len(x), np.inf)
    for rows in row_slices(len(x), len(x)):
        far = pairwise_squared_distances(x[rows], x, x2)
        far[homes[rows, None] == homes] = np.inf
        foreign[rows] = far.min(axis=1)  # to the nearest row of another cluster
    foreign.sort()
    limit = foreign[int((1 - purity) * len(x) + 1e-9)]
    # a ball is pure if it ends before that row
    return (
        float(np.nextafter(np.float32(limit), np.float32(0))) if limit < np.inf else 0.0
    )
