"""Random pools for batch strategies."""

import numpy as np

from alcli.annotation.aggregators import Votes
from alcli.query.strategies import Batch, Pool, Scored, lookup, strategies

BATCH = [n for n in strategies.names() if isinstance(lookup(n), Batch)]
POINTWISE = [n for n in strategies.names() if n not in BATCH]


def pool_of(rng, n=80, *, d=6, classes=3, labelled=9, names="x"):
    """Make a pool of clouds of vectors; some are labelled, others were voted on."""

    def some(count, name):
        homes = rng.integers(classes, size=count)
        middles = np.random.default_rng(7).normal(size=(classes, d)) * 2
        vectors = (middles[homes] + rng.normal(size=(count, d))).astype(np.float32)
        probs = rng.dirichlet([0.7] * classes, count)
        return Scored([f"{name}{i}" for i in range(count)], probs), vectors, homes

    scored, vectors, homes = some(labelled, "l")
    old = Pool(scored, vectors, homes)
    scored, vectors, _ = some(n, names)
    return Pool(scored, vectors, None, old, votes_of(rng, scored.probs))


def votes_of(rng, probs, annotators=4):
    """Make votes on the first half of the records; most are as the model thinks."""
    n, classes = probs.shape
    item, who = np.nonzero(rng.random((n, annotators)) < 0.5)
    item, who = item[item < n / 2], who[item < n / 2]
    said = probs[item].argmax(axis=1) if n else item
    wrong = rng.random(len(item)) < 0.3
    said = np.where(wrong, rng.integers(classes, size=len(item)), said)
    columns = [column.astype(np.int32) for column in (item, who, said)]
    return Votes(*columns, n, annotators, classes, None, probs)
