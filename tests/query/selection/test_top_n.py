"""The n best of a stream, against sorting all of it."""

import numpy as np
import pytest

from alcli.core.ids import seeded_uniform
from alcli.query.selection.top_n import Best, Entry


def stream(rng, n=2000, values=40, keys=300):
    """Make entries with many equal utilities and many equal keys."""
    utilities = rng.integers(0, values, n) / values
    names = rng.integers(0, keys, n)
    return [
        Entry(float(u), f"id{i}", b"", number=i, key=f"k{k}")
        for i, (u, k) in enumerate(zip(utilities, names, strict=True))
    ]


def sorted_out(entries, n, seed):
    """The same in the plain way."""
    names = [e.id for e in entries]
    chance = dict(zip(names, seeded_uniform(seed, names), strict=True))
    kept = {}
    for e in sorted(entries, key=lambda e: (e.utility, chance[e.id]), reverse=True):
        kept.setdefault(e.key, e)
    return list(kept.values())[:n]


@pytest.mark.parametrize("n", [1, 5, 120, 299, 300, 5000])
@pytest.mark.parametrize("values", [1, 40, 10**9])
@pytest.mark.parametrize("floor", [True, False])
def test_the_best_are_those_of_a_sort(rng, n, values, floor):
    entries = stream(rng, values=values)
    best = Best(n, seed=3)
    for entry in entries:
        if not floor or entry.utility >= best.floor:
            best.offer(entry)
    assert best.ranked() == sorted_out(entries, n, 3)
    assert best.ranked() == sorted_out(entries, n, 3)


def test_the_order_of_the_stream_does_not_matter(rng):
    entries = stream(rng)
    found = []
    for order in (np.arange(2000), rng.permutation(2000)):
        best = Best(50)
        for place in order:
            best.offer(entries[place])
        found.append(best.ranked())
    assert found[0] == found[1]


def test_ties_fall_otherwise_with_another_seed(rng):
    entries = stream(rng, values=1)
    assert sorted_out(entries, 9, 0) != sorted_out(entries, 9, 1)
    for seed in (0, 1):
        best = Best(9, seed)
        for entry in entries:
            best.offer(entry)
        assert best.ranked() == sorted_out(entries, 9, seed)


def test_memory_is_that_of_the_best(rng):
    best = Best(10)
    for entry in stream(rng, n=5000, keys=5000):
        best.offer(entry)
        assert len(best._ranked) + len(best._fresh) <= 10 + 200


def test_the_floor_rises_only_when_there_are_enough():
    best = Best(2)
    best.offer(Entry(0.9, "a", b"", key="a"))
    best.offer(Entry(0.8, "b", b"", key="a"))  # alike
    best.ranked()
    assert best.floor == float("-inf")
    best.offer(Entry(0.5, "c", b"", key="c"))
    best.ranked()
    assert best.floor == 0.5


def test_an_id_is_there_once_whatever_its_texts():
    best = Best(2)
    for number, name in enumerate(["a", "a", "a", "b", "c"]):
        best.offer(Entry(1 - number / 9, name, b"", key=f"k{number}"))

    assert [entry.id for entry in best.ranked()] == ["a", "b"]
