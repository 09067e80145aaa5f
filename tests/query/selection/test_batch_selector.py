"""Selection by batch strategies."""

import json

import numpy as np
import pytest

from alcli.annotation.votes.ledger import Ledger
from alcli.core import memory
from alcli.core.errors import (
    BadParameter,
    InputError,
    MemoryRefused,
    MissingField,
    UsageError,
)
from alcli.core.jsonl import blocks, to_blocks
from alcli.core.step import Block
from alcli.features.vectors import Vectors
from alcli.query.selection import line_store
from alcli.query.selection.batch_selector import BatchSelector
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.exclusion import ExcludedRecords
from alcli.query.selection.labelled import LabelledPool
from alcli.query.selection.pointwise_selector import PointwiseSelector
from alcli.query.selection.selector import LineSelector, make_selector
from alcli.query.settings import SelectionSettings
from alcli.query.strategies import batch, lookup
from tests.query.strategies.pools import BATCH

CLASSES = ("c0", "c1", "c2")
every = pytest.mark.parametrize("strategy", BATCH)


def records(rng, n=120, *, texts=60, classes=CLASSES, name="r"):
    probs = rng.dirichlet([1] * 3, n).tolist()
    return [
        {
            "id": f"{name}{i}" if i % 3 else i,
            "tokens": f"t{name}{i % texts}",
            "probs": {c: probs[i][CLASSES.index(c)] for c in classes},
            "note": ["ش", i],
        }
        for i in range(n)
    ]


def vectors_of(*parts):
    ids = [str(record["id"]) for part in parts for record in part]
    rng = np.random.default_rng(3)
    found = {id: rng.normal(size=5).astype(np.float32) for id in sorted(ids)}
    return Vectors.of(ids, np.stack([found[id] for id in ids]))


def labelled_records(records):
    found = LabelledPool()
    for block in to_blocks(records):
        found.add(block)
    return found


def votes_on(pool):
    """Return votes of three annotators on a half of the records; they differ."""
    half = sorted(pool, key=lambda record: str(record["id"]))[::2]
    return [
        {"id": r["id"], "label": CLASSES[(i + who // 2) % 3], "annotator": f"a{who}"}
        for i, r in enumerate(half)
        for who in range(1 + i % 3)
    ]


def ledger(votes):
    found = Ledger()
    for block in to_blocks(votes):
        found.add(block)
    return found


@pytest.fixture
def data(rng):
    """Return a pool of 60 texts, each twice, and some that are labelled."""
    pool = records(rng)
    old = records(rng, 12, texts=12, name="l")
    return pool, [r | {"label": f"c{i % 3}", "id": f"l{i}"} for i, r in enumerate(old)]


def selected(strategy, pool, old, n=20, *, parts=None, excluded=(), **options):
    options.setdefault("vectors", vectors_of(pool, old))
    if old:
        options.setdefault("labelled", labelled_records(old))
    if "votes" in lookup(strategy).needs:
        options.setdefault("votes", ledger(votes_on(pool)))
    inputs = {x: options.pop(x, None) for x in ("vectors", "labelled", "votes")}
    context = SelectionContext(**inputs, excluded=ExcludedRecords(excluded))
    selector = LineSelector(SelectionSettings(n, strategy, **options), context)
    for block in to_blocks(pool, size=50) if parts is None else parts:
        selector.add(block)
    return [json.loads(line) for line in selector.batch()]


def ids(records):
    return [str(record["id"]) for record in records]


@every
def test_batch_has_different_texts_in_unchanged_records(strategy, data):
    pool, old = data
    found = selected(strategy, pool, old)
    assert len(set(ids(found))) == len({r["tokens"] for r in found}) == 20
    by_id = {record["id"]: record for record in pool}
    for rank, record in enumerate(found, 1):
        assert record.pop("query") == {"strategy": strategy, "rank": rank}
        assert record == by_id[record["id"]]
    for n in (59, 60, 61, 1000):
        assert len(selected(strategy, pool, old, n)) == min(n, 60)
    assert len(selected(strategy, pool, old, 1)) == 1


@every
def test_batch_does_not_depend_on_order_classes_and_blocks(
    strategy, data, rng, tmp_path
):
    pool, old = data
    expected = ids(selected(strategy, pool, old))
    assert ids(selected(strategy, pool, old)) == expected
    moved = [pool[i] for i in rng.permutation(120)]
    assert (
        ids(selected(strategy, moved, [old[i] for i in rng.permutation(12)]))
        == expected
    )
    turned = [
        [r | {"probs": dict(reversed(r["probs"].items()))} for r in part]
        for part in (pool, old)
    ]
    assert ids(selected(strategy, *turned)) == expected
    path = tmp_path / "pool"
    path.write_text("".join(json.dumps(record) + "\n\n" for record in pool))
    for size in (1, 7):
        parts = blocks([str(path)], records=size)
        assert ids(selected(strategy, pool, old, parts=parts)) == expected


@every
def test_labelled_and_excluded_records_are_never_selected(strategy, data):
    pool, old = data
    more = [r | {"label": "c1"} for r in pool[:30]]
    gone = ids(pool[30:45])
    options = {"labelled": labelled_records([*old, *more]), "excluded": gone}
    found = selected(strategy, pool, old, 1000, **options)
    assert set(ids(found)) <= set(ids(pool[45:]))
    relabels = "votes" in lookup(strategy).needs  # even labelled texts
    assert len(found) == (60 if relabels else 30)  # texts
    everybody = ids(pool)
    assert selected(strategy, pool, old, excluded=everybody) == []
    assert selected(strategy, [], old) == []


@every
def test_equal_records_are_selected_once(strategy, data):
    _, old = data
    same = [
        {"id": i, "tokens": "x", "probs": dict.fromkeys(CLASSES, 1 / 3)}
        for i in range(10_000)
    ]
    assert len(selected(strategy, same, old, 5)) == 1
    for record in same:
        del record["tokens"]
    vectors = Vectors.of([*ids(same), *ids(old)], np.ones((10_012, 5), np.float32))
    assert len(set(ids(selected(strategy, same, old, 5, vectors=vectors)))) == 5


BY_ANGLE = {"badge", "density"}  # or by length: where the origin is matters to them
OF_VECTORS = [name for name in BATCH if "vectors" in lookup(name).needs]


@pytest.mark.parametrize("strategy", sorted({*OF_VECTORS} - BY_ANGLE))
def test_offset_of_the_vectors_does_not_matter(strategy, data, rng):
    """A multiple of 1/256 plus 2,048 is one in float32 still."""
    pool, old = data
    near = rng.normal(size=(132, 24))
    near = (np.round(near * 256) / 256).astype(np.float32)
    names = [*ids(pool), *ids(old)]
    here, there = (
        ids(selected(strategy, pool, old, vectors=Vectors.of(names, near + offset)))
        for offset in (np.float32(0), np.float32(2048))
    )
    assert there == here


def test_vectors_are_not_centred_for_strategies_of_angles(data, rng):
    assert {name for name in OF_VECTORS if not lookup(name).centred} == {
        *BY_ANGLE,
        "anchor",  # for the strategy that it asks
    }
    pool, old = data
    vectors = Vectors.of([*ids(pool), *ids(old)], rng.normal(size=(132, 24)) + 3)
    before = vectors.chunks[0].copy()
    seen = []

    @batch("vectors", memory=lambda size: 0)
    def mine(pool, n, rng):
        """See."""
        seen.append(pool.vectors.mean())
        return np.arange(n)

    selected(mine, pool, old, vectors=vectors)
    selected("core-set", pool, old, vectors=vectors)
    assert seen[0] > 2
    assert (vectors.chunks[0] == before).all()


def test_pool_is_sorted_by_noise_with_classes_by_name(data):
    pool, old = data
    seen = []

    @batch("probs", "vectors", "labelled-probs", memory=lambda size: 0)
    def mine(pool, n, rng, *, last=False):
        """See."""
        seen.append(pool)
        return np.arange(n)

    turned = [r | {"probs": dict(reversed(r["probs"].items()))} for r in pool]
    old[3]["label"] = None
    found = selected(mine, turned, old, 7, seed=4)
    (all_,) = seen
    by_id = {str(r["id"]): r for r in [*pool, *old]}
    vectors = vectors_of(pool, old)
    for part, n in ((all_, 60), (all_.labelled, 12)):
        assert len(part) == n
        assert part.scored.noise.tolist() == sorted(part.scored.noise, reverse=True)
        rows = vectors.rows(part.scored.ids)
        assert (part.vectors == vectors.take(rows)).all()
        probs = [[by_id[id]["probs"][c] for c in CLASSES] for id in part.scored.ids]
        assert part.scored.probs.tolist() == probs
    labels = [by_id[id]["label"] for id in all_.labelled.scored.ids]
    numbers = [-1 if label is None else int(label[1]) for label in labels]
    assert all_.labelled.labels.tolist() == numbers
    assert ids(found) == list(all_.scored.ids[:7])


def test_subsample_is_random_and_hides_the_rest(data):
    pool, old = data
    seen = []

    @batch("vectors", memory=lambda size: 0)
    def mine(pool, n, rng):
        """See."""
        seen.append(pool.scored.ids)
        return np.arange(n)

    for seed in (0, 0, 1):
        assert len(selected(mine, pool, old, 20, subsample=9, seed=seed)) == 9
    assert len(seen[0]) == 9
    assert seen[0] == seen[1] != seen[2]


def test_random_share_follows_the_selected_rows(data):
    pool, old = data
    plain = selected("core-set", pool, old, 15)
    mixed = selected("core-set", pool, old, 20, mix_random=0.25)
    assert ids(mixed)[:15] == ids(plain)
    assert len(set(ids(mixed))) == len({r["tokens"] for r in mixed}) == 20
    names = [r["query"]["strategy"] for r in mixed]
    assert names == ["core-set"] * 15 + ["random"] * 5
    assert len(selected("core-set", pool, old, 20, mix_random=1.0)) == 20


def test_seed_decides_the_batch(data):
    pool, _ = data
    found = [ids(selected("core-set", pool, [], seed=seed)) for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    "answer", [[0, 0], [0], [0, 60], [0, -1], [0.0, 1.0], [[0, 1]]]
)
def test_invalid_rows_of_a_strategy_are_an_error(data, answer):
    @batch("vectors", memory=lambda size: 0)
    def mine(pool, n, rng):
        """Answer."""
        return np.array(answer)

    with pytest.raises(BadParameter, match="mine must return 2 different rows"):
        selected(mine, *data, 2)


def test_memory_is_refused_before_allocation(data, monkeypatch):
    @batch("vectors", memory=lambda size: 1000 * size.n)
    def mine(pool, n, rng):
        """Answer."""
        return np.arange(n)

    # 60 + 12 vectors of 5 numbers, and the strategy's own
    needed = 72 * 4 * 5 + 60_000
    monkeypatch.setattr(memory, "available", lambda: needed)
    assert len(selected(mine, *data)) == 20
    monkeypatch.setattr(memory, "available", lambda: needed - 1)
    monkeypatch.setattr(Vectors, "take", None)
    with pytest.raises(MemoryRefused, match=r"GB .*; select from .* --subsample N"):
        selected(mine, *data)
    monkeypatch.undo()
    monkeypatch.setattr(memory, "available", lambda: needed - 1)
    assert len(selected(mine, *data, subsample=30)) == 20


def test_lines_on_disk_give_the_same_batch(data, monkeypatch):
    whole = selected("badge", *data)
    monkeypatch.setattr(line_store, "_IN_MEMORY", 100)
    assert selected("badge", *data) == whole


def test_missing_vectors_are_an_error_with_a_remedy(data):
    pool, old = data
    says = r'no vector for \d+ of 60 records, such as id ".*"; score .* --vectors'
    with pytest.raises(InputError, match=says):
        selected("core-set", pool, old, vectors=vectors_of(pool[:100], old))
    says = r'no vector for 2 of 12 labelled records, such as id "l10"; score'
    with pytest.raises(InputError, match=says):
        selected("core-set", pool, old, vectors=vectors_of(pool, old[:10]))
    with pytest.raises(InputError, match="no vector for"):
        selected("core-set", pool, [], vectors=Vectors.read([]))


def test_vectors_of_unknown_ids_are_an_error(data):
    pool, old = data
    with pytest.raises(InputError, match=r"of 12 ids that no record has, such as \"l"):
        selected("core-set", pool, [], vectors=vectors_of(pool, old))
    gone = ids(old)  # scored, and labelled since
    whole = vectors_of(pool, old)
    assert selected("core-set", pool, [], vectors=whole, excluded=gone)


def test_repeated_vectors_are_an_error(data):
    pool, old = data
    with pytest.raises(InputError, match=r'id "0" is repeated; .*clean'):
        selected("core-set", pool, old, vectors=vectors_of(pool, old, pool[:1]))


def test_missing_inputs_are_an_error_with_their_option(data):
    pool, old = data
    with pytest.raises(UsageError, match=r"badge needs --vectors FILE; .*score"):
        selected("badge", pool, old, vectors=None)
    for strategy in ("cal", "discriminative", "anchor", "expected-error"):
        with pytest.raises(UsageError, match="needs labelled records: --labelled FILE"):
            selected(strategy, pool, [])
        with pytest.raises(InputError, match=r"needs (labelled )?records.* none"):
            selected(strategy, pool, [], labelled=LabelledPool())
    nameless = [r | {"label": None} for r in old]
    with pytest.raises(InputError, match="anchor needs records with a label"):
        selected("anchor", pool, nameless)
    assert selected("cal", pool, nameless)


def test_votes_cover_the_pool_first_and_then_other_records(data):
    pool, old = data
    seen = []

    @batch("probs", "votes", memory=lambda size: sizes.append(size) or 0)
    def mine(pool, n, rng):
        """See."""
        seen.append(pool)
        return np.arange(n)

    sizes = []
    said = votes_on(pool)
    said[3]["label"] = None  # was asked, gave no answer
    gold = [{"id": "known", "label": "c2", "annotator": "a0"}]
    gone = ids(pool[:40])
    options = {"votes": ledger([*said, *gold]), "excluded": gone, "vectors": None}
    selected(mine, pool, old, **options)
    (all_,), (size,) = seen, sizes
    votes = all_.votes
    assert len(all_) == 60
    by_probs = {tuple(r["probs"][c] for c in CLASSES): str(r["id"]) for r in pool}
    names = [by_probs[tuple(row)] for row in votes.probs.tolist()]
    assert names[:60] == list(all_.scored.ids)
    asked = {str(v["id"]) for v in said}
    assert set(names[60:]) == asked - set(names[:60])
    found = [
        (names[item], f"a{who}", CLASSES[label])
        for item, who, label in zip(
            votes.item, votes.annotator, votes.label, strict=True
        )
    ]
    expected = [(str(v["id"]), v["annotator"], v["label"]) for v in said if v["label"]]
    assert sorted(found) == sorted(expected)  # all but the one on "known"
    # of two records with one text that may be chosen which has votes
    texts = {r["tokens"] for r in pool[40:] if str(r["id"]) in asked}
    assert len(asked & set(names[:60])) == len(texts)
    assert (size.votes, size.voted) == (len(said) + 1, len(asked))
    assert (votes.items, votes.classes) == (len(names), 3)


def test_annotators_are_judged_by_excluded_records_too(rng):
    """A spammer's lone vote is relied on less, for what he said of other records."""
    pool = [
        {"id": f"r{i}", "tokens": f"t{i}", "probs": {"c0": 0.5, "c1": 0.3, "c2": 0.2}}
        for i in range(60)
    ]
    votes = [
        {"id": f"r{i}", "annotator": who, "label": f"c{(i // spam) % 3}"}
        for i in range(40)
        for who, spam in (("a", 1), ("b", 1), ("spam", 3))
    ]
    alone = [
        {"id": f"r{i}", "annotator": "spam" if i % 2 else "a", "label": "c0"}
        for i in range(40, 60)
    ]
    gone = [f"r{i}" for i in range(40)]
    options = {"votes": ledger([*votes, *alone]), "excluded": gone, "vectors": None}
    found = selected("active-lab", pool, [], 20, **options)
    assert [int(record["id"][1:]) % 2 for record in found] == [1] * 10 + [0] * 10


def test_unusable_votes_are_an_error(data):
    pool, _ = data
    with pytest.raises(UsageError, match="active-lab needs votes: --votes FILE"):
        selected("active-lab", pool, [], votes=None)
    with pytest.raises(UsageError, match="core-set cannot use votes: --votes"):
        selected("core-set", pool, [], votes=ledger(votes_on(pool)))
    with pytest.raises(UsageError, match="uses all votes: omit --subsample"):
        selected("active-lab", pool, [], subsample=10)
    with pytest.raises(UsageError, match="--votes goes with strategies that relabel"):
        make_selector(SelectionSettings(5), SelectionContext(votes=Ledger()))
    odd = [*votes_on(pool), {"id": pool[0]["id"], "label": "odd", "annotator": "a"}]
    with pytest.raises(InputError, match=r'votes are for "odd", .*--grow-classes'):
        selected("active-lab", pool, [], votes=ledger(odd))
    other = [{"id": "elsewhere", "label": "c0", "annotator": "a"}]
    with pytest.raises(InputError, match=r"no vote is on a record .*right ledger"):
        selected("active-lab", pool, [], votes=ledger(other))
    assert len(selected("active-lab", pool, [], votes=ledger([]))) == 20  # nobody yet


def test_probs_of_labelled_records_may_be_in_the_pool(data):
    pool, old = data
    whole = ids(selected("cal", pool, old))
    bare = [{"id": r["id"], "label": r["label"]} for r in old]
    with pytest.raises(MissingField, match=r'no "probs" field; .* run `alcli score`'):
        selected("cal", pool, bare)
    both = [*pool, *old]
    options = {"vectors": vectors_of(both), "labelled": labelled_records(bare)}
    assert ids(selected("cal", both, bare, **options)) == whole


def test_unknown_label_is_an_error_with_a_remedy(data):
    pool, old = data
    old[4]["label"] = "odd"
    with pytest.raises(
        InputError, match=r'"odd" of id "l4" is no class .*grow-classes'
    ):
        selected("anchor", pool, old)
    assert selected("core-set", pool, old)  # which needs no probs


def test_repeated_labelled_ids_are_an_error(data):
    with pytest.raises(InputError, match=r':2: id "7" is repeated; run .*merge-labels'):
        labelled_records([{"id": 7}, {"id": "7"}])


def test_invalid_block_does_not_change_the_state(data):
    pool, old = data
    context = SelectionContext(vectors_of(pool, old), labelled_records(old))
    selector = LineSelector(SelectionSettings(20, "badge"), context)
    for block in to_blocks(pool, size=30):
        for bad in (b'{"id":"x","probs":{"c0":2}}', b'{"id":1,"x":"\xe9"}', b"{"):
            with pytest.raises(InputError):
                selector.add(Block(block.data + bad + b"\n"))
        selector.add(block)
    assert selector.add(Block(b" \n\n")).counts == {"read": 0}
    assert [json.loads(line) for line in selector.batch()] == selected("badge", *data)


def test_query_of_an_earlier_round_is_replaced(data):
    pool, old = data
    again = [r | {"query": {"rank": 99}} for r in pool]
    assert selected("badge", again, old) == selected("badge", pool, old)


def test_pointwise_strategies_select_no_labelled_text(data):
    pool, _ = data
    context = SelectionContext(labelled=labelled_records(pool[:30]))
    selector = LineSelector(SelectionSettings(200, seed=3), context)
    for block in to_blocks(pool):
        selector.add(block)
    found = [json.loads(line) for line in selector.batch()]
    left = {record["tokens"] for record in pool} - {r["tokens"] for r in pool[:30]}
    assert sorted(record["tokens"] for record in found) == sorted(left)


def test_selector_suits_the_strategy(data):
    vectors = SelectionContext(vectors_of(data[0]))
    assert isinstance(make_selector(SelectionSettings(5)), PointwiseSelector)
    badge = make_selector(SelectionSettings(5, "badge"), vectors)
    assert isinstance(badge, BatchSelector)


@pytest.mark.parametrize(
    ("strategy", "vectors", "settings", "message"),
    [
        ("badge", True, {"stratify": "topic"}, "--stratify goes with"),
        ("badge", True, {"per_class": True}, "--stratify goes with"),
        ("badge", True, {"min_utility": 0.5}, "--min-utility goes with"),
        ("badge", True, {"diversify": True}, "--diversify goes with"),
        ("margin", False, {"diversify": True}, "--diversify needs --vectors FILE, and"),
        (
            *("margin", True, {"diversify": True, "stratify": "topic"}),
            "--diversify needs --vectors FILE, and",
        ),
        ("margin", False, {"shares": "sqrt"}, "--shares goes with --stratify"),
        ("margin", False, {"min_utility": float("nan")}, "--min-utility nan"),
        ("margin", True, {}, "--vectors goes with"),
        ("margin", False, {"subsample": 9}, "--subsample goes with"),
    ],
)
def test_settings_that_the_strategy_cannot_use_are_refused(
    data, strategy, vectors, settings, message
):
    context = SelectionContext(vectors_of(data[0]) if vectors else None)
    with pytest.raises(UsageError, match=message):
        make_selector(SelectionSettings(5, strategy, **settings), context)
