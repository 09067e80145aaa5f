"""The n best candidates of a stream, against a sort."""

import numpy as np
import pytest

from alcli.core.ids import seeded_uniform
from alcli.query.selection.top_n import Candidate, TopN


def stream(rng, n=2000, values=40, keys=300):
    """Make entries with many equal utilities and many equal keys."""
    utilities = rng.integers(0, values, n) / values
    names = rng.integers(0, keys, n)
    return [
        Candidate(float(u), f"id{i}", b"", number=i, key=f"k{k}")
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
def test_top_n_equals_a_sort(rng, n, values, floor):
    entries = stream(rng, values=values)
    best = TopN(n, seed=3)
    for entry in entries:
        if not floor or entry.utility >= best.floor:
            best.push(entry)
    assert best.ranked() == sorted_out(entries, n, 3)
    assert best.ranked() == sorted_out(entries, n, 3)


def test_order_of_the_stream_does_not_matter(rng):
    entries = stream(rng)
    found = []
    for order in (np.arange(2000), rng.permutation(2000)):
        best = TopN(50)
        for place in order:
            best.push(entries[place])
        found.append(best.ranked())
    assert found[0] == found[1]


def test_seed_breaks_ties(rng):
    entries = stream(rng, values=1)
    assert sorted_out(entries, 9, 0) != sorted_out(entries, 9, 1)
    for seed in (0, 1):
        best = TopN(9, seed)
        for entry in entries:
            best.push(entry)
        assert best.ranked() == sorted_out(entries, 9, seed)


def test_memory_is_bounded_by_n(rng):
    best = TopN(10)
    for entry in stream(rng, n=5000, keys=5000):
        best.push(entry)
        assert len(best._ranked) + len(best._new) <= 10 + 200


def test_floor_rises_only_when_n_are_found():
    best = TopN(2)
    best.push(Candidate(0.9, "a", b"", key="a"))
    best.push(Candidate(0.8, "b", b"", key="a"))  # alike
    best.ranked()
    assert best.floor == float("-inf")
    best.push(Candidate(0.5, "c", b"", key="c"))
    best.ranked()
    assert best.floor == 0.5


def test_id_is_kept_once_whatever_its_texts():
    best = TopN(2)
    for number, name in enumerate(["a", "a", "a", "b", "c"]):
        best.push(Candidate(1 - number / 9, name, b"", key=f"k{number}"))

    assert [entry.id for entry in best.ranked()] == ["a", "b"]
