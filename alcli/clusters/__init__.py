"""Ways to part a pool into topics or clusters, which then are strata.

A method is a class with INPUT, `tokens` or `vectors`: what it looks at, as n texts or
as (n, d); `fit(rows, *, seed, **params)`, `assign(rows) -> topics (n,), probs (n,)`,
`save` and `load`; -1 is noise: no evidence for any. With `words(n)` it can name its
topics. To add one, write `alcli/clusters/NAME.py` with a class of that name, and its
test.
"""

from __future__ import annotations

from typing import Any

from alcli.core.registry import Registry

# what to do where memory is short
SMALLER = "fit on a sample of the records: --subsample N"

methods: Registry[Any] = Registry("method", __name__)
