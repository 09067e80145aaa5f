"""Splits: exact sizes, proportional strata, undivided groups."""

from collections import Counter

import pytest

from alcli.core.errors import InputError, MissingField, UsageError
from alcli.core.jsonl import to_blocks
from alcli.data.settings import SplitSettings
from alcli.data.splitting import Splitter
from alcli.numerics.apportionment import largest_remainders


def split(records, shares, **options):
    """Return the name of the share per id."""
    splitter = Splitter(SplitSettings(**options))
    for block in to_blocks(records, size=70):
        splitter.add(block)
    names = [*shares, None]
    share_of = splitter.assign(shares).tolist()
    return {r["id"]: names[f] for r, f in zip(records, share_of, strict=True)}


def pool(rng, n=500):
    return [
        {
            "id": f"r{i}",
            "topic": [0, 1, "x", None][min(int(rng.exponential()), 3)],
            "author": [f"a{rng.integers(60)}", None][i % 7 == 0],
        }
        for i in range(n)
    ]


@pytest.mark.parametrize(
    ("shares", "sizes"),
    [
        ({"test": 100, "rest": None}, {"test": 100, "rest": 400}),
        ({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2, "c": 3, None: 494}),
        ({"a": 500}, {"a": 500}),
        ({"a": 0.2, "b": 0.8}, {"a": 100, "b": 400}),
        ({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, {"a": 166, "b": 166, "c": 168}),
        ({"a": 0.3, "b": 0.29}, {"a": 150, "b": 145, None: 205}),
        ({"a": 0.001, "rest": None}, {"rest": 500}),
        ({"rest": None, "a": 0.5, "b": 10}, {"rest": 240, "a": 250, "b": 10}),
    ],
)
@pytest.mark.parametrize("stratify", [None, "topic"])
def test_sizes_are_exact(rng, shares, sizes, stratify):
    assert Counter(split(pool(rng), shares, stratify=stratify).values()) == sizes


def test_fractions_are_exact_despite_floating_point(rng):
    """In floating point, 0.29 of 100 is less than 29."""
    share_of = split(pool(rng, n=100), {"a": 0.29, "b": 0.57})
    assert Counter(share_of.values()) == {"a": 29, "b": 57, None: 14}


def test_strata_have_equal_proportions_in_every_share(rng):
    records = pool(rng)
    share_of = split(records, {"a": 97, "b": 0.2, "rest": None}, stratify="topic")
    left = Counter(r["topic"] for r in records)
    for name, size in {"a": 97, "b": 100}.items():
        found = Counter(r["topic"] for r in records if share_of[r["id"]] == name)
        assert found == largest_remainders(size, left)
        left -= found


@pytest.mark.parametrize("stratify", [None, "topic"])
def test_groups_are_never_divided(rng, stratify):
    records = pool(rng)
    options = {"group": "author", "stratify": stratify}
    share_of = split(records, {"a": 100, "b": 0.3, "rest": None}, **options)
    where = {}
    for r in records:
        if r["author"]:
            where.setdefault(r["author"], set()).add(share_of[r["id"]])
    assert all(len(shares) == 1 for shares in where.values())
    largest = max(Counter(r["author"] for r in records if r["author"]).values())
    sizes, strata = Counter(share_of.values()), 4 if stratify else 1
    assert 100 <= sizes["a"] < 100 + largest * strata
    assert 150 <= sizes["b"] < 150 + largest * strata


def test_a_record_without_a_group_is_a_group(rng):
    records = [{"id": i, "author": "x" if i == 0 else None} for i in range(50)]
    sizes = Counter(split(records, {"a": 20, "b": None}, group="author").values())
    assert sizes == {"a": 20, "b": 30}


def test_a_large_group_may_empty_later_shares():
    records = [{"id": i, "g": "one"} for i in range(10)]
    assert set(split(records, {"a": 5, "b": 5}, group="g").values()) == {"a"}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stratify": "topic"},
        {"group": "author"},
        {"stratify": "topic", "group": "author"},
    ],
)
def test_splits_do_not_depend_on_the_order_of_records(rng, options):
    records = pool(rng)
    shares = {"a": 50, "b": 0.3, "rest": None}
    shuffled = [records[i] for i in rng.permutation(len(records))]
    assert split(records, shares, **options) == split(shuffled, shares, **options)


def test_the_seed_determines_the_split(rng):
    records = pool(rng)
    found = [split(records, {"a": 50}, seed=seed) for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


def test_splits_are_stable_when_records_are_added(rng):
    """Added records take places; other records rarely change shares."""
    records = pool(rng)
    before = split(records, {"test": 0.2, "rest": None})
    after = split([*records, {"id": "new"}], {"test": 0.2, "rest": None})
    assert sum(before[r["id"]] != after[r["id"]] for r in records) <= 1


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"a": 400, "b": 101}, "the shares require 501 records, but there are 500"),
        ({"a": 0.5, "b": 251}, "the shares require 501 records"),
    ],
)
def test_shares_larger_than_the_input_are_rejected(rng, shares, says):
    with pytest.raises(InputError, match=says):
        split(pool(rng), shares)


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"a": 0.9, "b": 0.2}, "the fractions add up to 1.1, more than 1"),
        ({"a": None, "b": None}, "expected a size for every share but one"),
    ],
)
def test_contradictory_shares_are_rejected(rng, shares, says):
    with pytest.raises(UsageError, match=says):
        split(pool(rng), shares)


@pytest.mark.parametrize("option", ["stratify", "group"])
def test_missing_fields_are_rejected(rng, option):
    with pytest.raises(MissingField, match=f'no "f" field; --{option} names a field'):
        split(pool(rng), {"a": 5}, **{option: "f"})


def test_repeated_ids_are_rejected():
    with pytest.raises(
        InputError, match='records>:3: id "1" is repeated; run `alcli c'
    ):
        split([{"id": 1}, {"id": 2}, {"id": "1"}], {"a": 1})


def test_empty_input_is_split_to_nothing():
    assert split([], {"rest": None}) == {}
    assert split([], {"a": 0.5, "b": 0.5}, stratify="topic") == {}
