"""Records dealt out: sizes to the record, strata in proportion, groups whole."""

from collections import Counter

import pytest

from alcli.core.errors import InputError, MissingField, UsageError
from alcli.core.jsonl import to_blocks
from alcli.data.splitting import Dealer
from alcli.query.selection.allocation import proportional


def deal(records, shares, **options):
    """Return id -> name of its share."""
    dealer = Dealer(**options)
    for block in to_blocks(records, size=70):
        dealer.add(block)
    names = [*shares, None]
    fate = dealer.deal(shares).tolist()
    return {r["id"]: names[f] for r, f in zip(records, fate, strict=True)}


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
    assert Counter(deal(pool(rng), shares, stratify=stratify).values()) == sizes


def test_parts_are_counted_as_people_do(rng):
    """In floating point, 0.29 of 100 is less than 29."""
    fate = deal(pool(rng, n=100), {"a": 0.29, "b": 0.57})
    assert Counter(fate.values()) == {"a": 29, "b": 57, None: 14}


def test_every_share_has_the_proportions_of_the_strata(rng):
    records = pool(rng)
    fate = deal(records, {"a": 97, "b": 0.2, "rest": None}, stratify="topic")
    left = Counter(r["topic"] for r in records)
    for name, size in {"a": 97, "b": 100}.items():
        found = Counter(r["topic"] for r in records if fate[r["id"]] == name)
        assert found == proportional(size, left)
        left -= found


@pytest.mark.parametrize("stratify", [None, "topic"])
def test_groups_are_never_parted(rng, stratify):
    records = pool(rng)
    options = {"group": "author", "stratify": stratify}
    fate = deal(records, {"a": 100, "b": 0.3, "rest": None}, **options)
    where = {}
    for r in records:
        if r["author"]:
            where.setdefault(r["author"], set()).add(fate[r["id"]])
    assert all(len(shares) == 1 for shares in where.values())
    largest = max(Counter(r["author"] for r in records if r["author"]).values())
    sizes, strata = Counter(fate.values()), 4 if stratify else 1
    assert 100 <= sizes["a"] < 100 + largest * strata
    assert 150 <= sizes["b"] < 150 + largest * strata


def test_records_without_a_group_are_each_their_own(rng):
    records = [{"id": i, "author": "x" if i == 0 else None} for i in range(50)]
    sizes = Counter(deal(records, {"a": 20, "b": None}, group="author").values())
    assert sizes == {"a": 20, "b": 30}


def test_a_group_may_take_what_others_were_to_have():
    records = [{"id": i, "g": "one"} for i in range(10)]
    assert set(deal(records, {"a": 5, "b": 5}, group="g").values()) == {"a"}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stratify": "topic"},
        {"group": "author"},
        {"stratify": "topic", "group": "author"},
    ],
)
def test_the_order_of_records_does_not_matter(rng, options):
    records = pool(rng)
    shares = {"a": 50, "b": 0.3, "rest": None}
    shuffled = [records[i] for i in rng.permutation(len(records))]
    assert deal(records, shares, **options) == deal(shuffled, shares, **options)


def test_chance_follows_the_seed(rng):
    records = pool(rng)
    found = [deal(records, {"a": 50}, seed=seed) for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


def test_a_record_does_not_move_between_files_that_grow(rng):
    """What is added takes places; nothing else changes sides without need."""
    records = pool(rng)
    before = deal(records, {"test": 0.2, "rest": None})
    after = deal([*records, {"id": "new"}], {"test": 0.2, "rest": None})
    assert sum(before[r["id"]] != after[r["id"]] for r in records) <= 1


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"a": 400, "b": 101}, "the shares ask for 501 records, there are 500"),
        ({"a": 0.5, "b": 251}, "the shares ask for 501 records"),
    ],
)
def test_shares_of_more_than_there_are_are_refused(rng, shares, says):
    with pytest.raises(InputError, match=says):
        deal(pool(rng), shares)


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"a": 0.9, "b": 0.2}, "the parts add up to 1.1: more than all"),
        ({"a": None, "b": None}, "more than one share without a size"),
    ],
)
def test_shares_that_cannot_be_are_refused(rng, shares, says):
    with pytest.raises(UsageError, match=says):
        deal(pool(rng), shares)


@pytest.mark.parametrize("option", ["stratify", "group"])
def test_fields_that_no_record_has_are_refused(rng, option):
    with pytest.raises(MissingField, match=f'no "f" field; --{option} names a field'):
        deal(pool(rng), {"a": 5}, **{option: "f"})


def test_a_repeated_id_is_named():
    with pytest.raises(
        InputError, match='records>:3: id "1" is repeated; run `alcli c'
    ):
        deal([{"id": 1}, {"id": 2}, {"id": "1"}], {"a": 1})


def test_no_records_at_all():
    assert deal([], {"rest": None}) == {}
    assert deal([], {"a": 0.5, "b": 0.5}, stratify="topic") == {}
