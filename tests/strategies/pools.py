"""Pools for batch strategies: small, by chance, and awkward."""

import numpy as np

from alcli.strategies import Batch, Pool, Scored, lookup, strategies

BATCH = [n for n in strategies.names() if isinstance(lookup(n), Batch)]
POINTWISE = [n for n in strategies.names() if n not in BATCH]


def pool_of(rng, n=80, *, d=6, classes=3, labelled=9, names="x"):
    """Make a pool of clouds of vectors; some of them are labelled."""

    def some(count, name):
        homes = rng.integers(classes, size=count)
        middles = np.random.default_rng(7).normal(size=(classes, d)) * 2
        vectors = (middles[homes] + rng.normal(size=(count, d))).astype(np.float32)
        probs = rng.dirichlet([0.7] * classes, count)
        return Scored([f"{name}{i}" for i in range(count)], probs), vectors, homes

    scored, vectors, homes = some(labelled, "l")
    old = Pool(scored, vectors, homes)
    scored, vectors, _ = some(n, names)
    return Pool(scored, vectors, None, old)
