"""Memory of batch strategies and clusters, against their estimates."""

import tracemalloc
from importlib import import_module

import numpy as np
import pytest

from alcli.core import memory
from alcli.features.topics.methods import methods
from alcli.query.strategies import Size, lookup
from tests.query.strategies.pools import BATCH, pool_of

SHAPES = [(20_000, 32, 100), (4_000, 512, 5)]  # records, numbers, asked


def peak(function):
    """Return the bytes that a call takes beyond what was there, at their most."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        function()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", BATCH)
def test_strategy_keeps_to_its_memory_estimate(name, shape, rng):
    n, d, k = shape
    pool, strategy = pool_of(rng, n=n, d=d, labelled=200), lookup(name)
    strategy(pool_of(rng, n=50, d=d), 5, rng)  # loads what is loaded late
    votes = pool.votes
    size = Size(n, d, 3, 200, k, len(votes.item), 0)
    for how in HOW.get(name, [{}]):
        taken = peak(lambda how=how: strategy(pool, k, rng, **how))
        assert taken <= strategy.memory(size)


HOW = {
    "prob-cover": [{"delta": delta} for delta in (0.0, 0.5, 8.0, 100.0)],
    "anchor": [{"then": name} for name in ("margin", "badge", "k-means")],
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("kmeans", {"clusters": 100}),
        ("dbscan", {}),
        ("dbscan", {"eps": 4.0}),  # nearly all are neighbours
        ("dbscan", {"eps": 1e-3}),
        ("hdbscan", {}),
        ("hdbscan", {"min_cluster_size": 5, "min_samples": 200}),
    ],
)
@pytest.mark.parametrize("copies", [1, 4])
def test_clustering_keeps_to_its_memory_estimate(name, how, copies, rng, monkeypatch):
    x = np.repeat(rng.normal(size=(3000 // copies, 8)), copies, axis=0)
    x[::2] = rng.normal(size=(len(x[::2]), 8))  # every other one is alone
    x = x.astype(np.float32)
    asked = []
    known = memory.ensure

    def ensure(needed, *, remedy):
        asked.append(needed)
        known(needed, remedy=remedy)

    method = methods.get(name)
    module = import_module(method.__module__)
    method.fit(x[:200], **{**how, **({"clusters": 5} if name == "kmeans" else {})})
    monkeypatch.setattr(module, "ensure", ensure)
    taken = peak(lambda: method.fit(x, **how))
    assert taken <= sum(asked) + (2 << 20)
