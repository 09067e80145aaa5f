"""Another strategy among neighbours of labelled anchors (Lesci & Vlachos, 2024)."""

import numpy as np

from alcli.core.errors import BadParameter
from alcli.core.params import check_range
from alcli.core.types import Float32s
from alcli.numerics.distances import exact_squared_distances
from alcli.numerics.greedy import kmeans_plus_plus
from alcli.query.strategies import Pointwise, Pool, Rows, Size, batch, lookup, top

_NEEDS = ("probs", "vectors", "labelled", "labels")


def _memory(size: Size) -> int:
    return 48 * size.n + (64 << 20)


@batch("probs", "vectors", "labels", memory=_memory)
def anchor(
    pool: Pool,
    n: int,
    rng: np.random.Generator,
    *,
    then: str = "margin",
    anchors: int = 10,
    size: int = 1000,
) -> Rows:
    """Return rows selected by a strategy among `size` records near labelled ones.

    AnchorAL: the anchors are up to `anchors` labelled records of each class, spread by
    k-means++; each contributes its nearest records, an equal share of `size`.

    then: name of the strategy, which may need probs, vectors and labels, and has its
    default parameters.
    """
    check_range(anchors >= 1, "anchors", anchors, "1 or more")
    check_range(size >= 1, "size", size, "1 or more")
    inner = lookup(then)
    if missing := set(inner.needs) - set(_NEEDS):
        raise BadParameter(f"then={then}: needs {', '.join(sorted(missing))}")
    assert pool.labelled is not None  # a declared need
    assert pool.labelled.labels is not None
    x = pool.vectors
    near = np.full(len(x), np.inf, np.float32)
    kept = np.zeros(len(x), bool)
    anchor_rows: list[int] = []
    for label in np.unique(pool.labelled.labels[pool.labelled.labels >= 0]).tolist():
        own = np.flatnonzero(pool.labelled.labels == label)
        y = pool.labelled.vectors[own]
        k = min(anchors, len(own))

        def distances(row: int, y: Float32s = y) -> Float32s:
            return exact_squared_distances(y, y[row])

        seeds = kmeans_plus_plus(k, distances, 0, rng)
        anchor_rows += own[seeds].tolist()
    share = max(1, max(size, n) // len(anchor_rows))
    for place in anchor_rows:
        far = exact_squared_distances(x, pool.labelled.vectors[place])
        kept[top(-far, share)] = True
        np.minimum(near, far, out=near)
    spare = top(np.where(kept, -np.inf, -near), max(0, n - int(kept.sum())))
    kept[spare] = True  # anchors may share their neighbours
    rows = np.flatnonzero(kept)
    part = pool.take(rows)
    if isinstance(inner, Pointwise):
        return rows[top(inner(part.scored), n)]
    return rows[inner(part, n, rng)]
