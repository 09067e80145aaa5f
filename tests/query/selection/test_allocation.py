"""Allocation to strata, against exact fractions and by hand."""

from collections import Counter
from fractions import Fraction

import pytest

from alcli.numerics.apportionment import largest_remainders, stratum_key
from alcli.query.selection.allocation import allocate
from alcli.query.selection.top_n import Candidate

STRATA = [0, 1, 2, 3, -1, 2.5, "a", "b", None]


def sizes_of(rng, most=50):
    strata = rng.permutation(len(STRATA))[: rng.integers(1, len(STRATA) + 1)]
    return {STRATA[i]: int(rng.integers(1, most)) for i in strata}


def test_quotas_differ_from_exact_shares_by_less_than_one(rng):
    for _ in range(300):
        sizes = sizes_of(rng)
        total = sum(sizes.values())
        n = int(rng.integers(0, total + 1))
        quotas = largest_remainders(n, sizes)
        assert sum(quotas.values()) == n
        assert quotas.keys() == sizes.keys()
        exact = {s: Fraction(n * size, total) for s, size in sizes.items()}
        assert all(abs(quotas[s] - exact[s]) < 1 for s in sizes)
        assert all(quotas[s] <= sizes[s] for s in sizes)
        raised = [exact[s] % 1 for s in sizes if quotas[s] > exact[s]]
        lowered = [exact[s] % 1 for s in sizes if quotas[s] < exact[s]]
        assert not raised or not lowered or min(raised) >= max(lowered)


def test_quotas_do_not_depend_on_the_order_of_strata(rng):
    for _ in range(100):
        sizes = sizes_of(rng, most=4)
        shuffled = {list(sizes)[i]: 0 for i in rng.permutation(len(sizes))} | sizes
        assert largest_remainders(7, sizes) == largest_remainders(7, shuffled)


@pytest.mark.parametrize(
    ("n", "sizes", "quotas"),
    [
        (1, {0: 1, 1: 2, 2: 1}, {0: 0, 1: 1, 2: 0}),  # the remainder of 1 is larger
        (1, {5: 2, 3: 2}, {5: 0, 3: 1}),  # a tie: the lower
        (1, {"a": 1, 9: 1}, {"a": 0, 9: 1}),  # numbers before names
        (1, {None: 1, "z": 1}, {None: 0, "z": 1}),  # none last
        (1, {0: 1, -1: 1}, {0: 0, -1: 1}),
        (2, {0: 6, 1: 3, 2: 3}, {0: 1, 1: 1, 2: 0}),  # 1, 0.5, 0.5
        (2, {0: 9, 1: 3}, {0: 2, 1: 0}),  # 1.5, 0.5: a tie of remainders: the larger
        (0, {0: 9}, {0: 0}),
    ],
)
def test_largest_remainders_get_the_rest(n, sizes, quotas):
    assert largest_remainders(n, sizes) == quotas


def test_strata_are_sorted_numbers_first():
    assert sorted(["b", None, 2, "a", -1, 2.5], key=stratum_key) == [
        -1,
        2,
        2.5,
        "a",
        "b",
        None,
    ]


def entries(rng, sizes, keys):
    """Make strata of entries, the best first, some keys in several strata."""
    return {
        s: [
            Candidate(1 - i / 99, f"{s}-{i}", b"", key=f"k{key}")
            for i, key in enumerate(rng.permutation(keys)[:size])
        ]
        for s, size in sizes.items()
    }


def test_batch_is_full_and_without_repeated_keys(rng):
    for _ in range(200):
        sizes = sizes_of(rng, most=20)
        best = entries(rng, sizes, keys=60)
        different = {e.key for row in best.values() for e in row}
        n = int(rng.integers(1, 150))
        batch = allocate(n, sizes, best, 0)
        assert len(batch) == len({e.key for e in batch}) == min(n, len(different))
        assert [e.utility for e in batch] == sorted(
            (e.utility for e in batch), reverse=True
        )


def test_strata_without_common_keys_get_their_quotas(rng):
    for _ in range(100):
        sizes = sizes_of(rng)
        best = {
            s: [
                Candidate(1 - i / 99, f"{s}-{i}", b"", key=f"{s}-{i}")
                for i in range(size)
            ]
            for s, size in sizes.items()
        }
        n = int(rng.integers(1, sum(sizes.values()) + 1))
        taken = Counter(e.id.rpartition("-")[0] for e in allocate(n, sizes, best, 0))
        quotas = {str(s): q for s, q in largest_remainders(n, sizes).items() if q}
        assert taken == quotas
        assert {e.id for e in allocate(n, sizes, best, 0)} == {
            f"{s}-{i}" for s, q in quotas.items() for i in range(q)
        }


def test_unfilled_quotas_are_redistributed_repeatedly():
    """Sizes say 1/3 each; all but one hold less than their share."""
    sizes = {"a": 100, "b": 100, "c": 100}
    best = {
        s: [Candidate(0.5, f"{s}{i}", b"", key=f"{s}{i}") for i in range(count)]
        for s, count in {"a": 1, "b": 12, "c": 100}.items()
    }
    taken = Counter(entry.id[0] for entry in allocate(30, sizes, best, 0))
    assert taken == {"a": 1, "b": 12, "c": 17}
