"""Ways to part a pool into topics or clusters, which then are strata.

A method is a class with INPUT, `tokens` or `vectors`: what it looks at, as n texts or
as (n, d); `fit(rows, *, seed, **params)`, `assign(rows) -> topics (n,), probs (n,)`,
`save` and `load`; -1 is noise: no evidence for any. One that looks at vectors says
their `width`; with `words(n)` a method can name its topics. To add one, write
`alcli/features/topics/methods/NAME.py` with a class of that name, and its test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alcli.core.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# what to do where memory is short
SUBSAMPLE_REMEDY = "fit on a sample of the records: --subsample N"

methods: Registry[Any] = Registry("method", __name__)


def renumber_by_size(clusters: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return clusters, (n,), renumbered by size: 0 is the largest; noise is -1."""
    import numpy as np

    sizes = np.bincount(clusters[clusters >= 0])
    number = np.full(len(sizes) + 1, -1)  # the last is noise
    number[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return number[clusters]
