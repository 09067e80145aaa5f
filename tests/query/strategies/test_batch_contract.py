"""Contract of every batch strategy in the folder, new ones included."""

import inspect
import random
from dataclasses import replace

import numpy as np
import pytest

from alcli.query.strategies import Pool, Scored, Size, lookup, strategies
from tests.query.strategies.pools import BATCH, pool_of

every = pytest.mark.parametrize("strategy", BATCH)


def rows_of(strategy, pool, n, seed=5):
    rows = lookup(strategy)(pool, n, np.random.default_rng(seed))
    assert rows.shape == (min(n, len(pool)),)
    assert np.issubdtype(rows.dtype, np.integer)
    assert len(set(rows.tolist())) == len(rows)
    assert not len(rows) or 0 <= rows.min() <= rows.max() < len(pool)
    return rows.tolist()


@every
@pytest.mark.parametrize("n", [1, 2, 40, 79, 80, 81, 1000])
def test_rows_are_different_and_n_or_all(strategy, rng, n):
    rows_of(strategy, pool_of(rng), n)


@every
@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_small_pools_give_all_rows(strategy, rng, size):
    for labelled in (1, 2):
        for n in (1, 5):
            rows_of(strategy, pool_of(rng, n=size, labelled=labelled), n)


@every
def test_equal_seeds_give_equal_rows(strategy, rng):
    pool = pool_of(rng)
    assert rows_of(strategy, pool, 20) == rows_of(strategy, pool, 20)


@every
@pytest.mark.parametrize("classes", [1, 2, 30])
def test_rows_are_valid_for_any_number_of_classes(strategy, rng, classes):
    rows_of(strategy, pool_of(rng, classes=classes, labelled=40), 10)


@every
def test_equal_records_are_selected_once(strategy, rng):
    pool = pool_of(rng, n=10_000)
    vectors = np.repeat(pool.vectors[:1], 10_000, axis=0)
    probs = np.repeat(pool.scored.probs[:1], 10_000, axis=0)
    votes = replace(pool.votes, probs=probs)
    scored = replace(pool.scored, probs=probs)
    rows_of(strategy, replace(pool, vectors=vectors, scored=scored, votes=votes), 50)


@every
@pytest.mark.parametrize("zeros", [slice(0, 1), slice(0, 80)])
def test_rows_are_valid_for_zero_vectors(strategy, rng, zeros):
    pool = pool_of(rng)
    pool.vectors[zeros] = pool.labelled.vectors[:3] = 0
    rows_of(strategy, pool, 10)


@every
def test_rows_are_valid_for_huge_and_tiny_vectors(strategy, rng):
    for size in (1e-12, 1e8):
        pool = pool_of(rng)
        old = replace(pool.labelled, vectors=pool.labelled.vectors * np.float32(size))
        far = replace(pool, vectors=pool.vectors * np.float32(size), labelled=old)
        rows_of(strategy, far, 10)


@every
def test_rows_are_valid_for_certain_and_uniform_probs(strategy, rng):
    for row in (np.eye(3)[0], np.full(3, 1 / 3)):
        pool = pool_of(rng)
        pool.scored.probs[:] = pool.labelled.scored.probs[:] = row
        rows_of(strategy, pool, 10)


@every
def test_rows_are_valid_if_one_class_is_labelled(strategy, rng):
    pool = pool_of(rng)
    pool.labelled.labels[:] = 1
    rows_of(strategy, pool, 10)


@every
def test_inputs_are_not_modified(strategy, rng):
    pool = pool_of(rng)
    arrays = [
        array
        for part in (pool, pool.labelled)
        for array in (part.vectors, part.scored.probs)
    ]
    before = [array.copy() for array in arrays]
    rows_of(strategy, pool, 20)
    assert all((a == b).all() for a, b in zip(arrays, before, strict=True))


@every
def test_global_random_state_is_neither_read_nor_changed(strategy):
    answers = []
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)
        before = repr((random.getstate(), np.random.get_state()))
        answers.append(rows_of(strategy, pool_of(np.random.default_rng(0)), 20))
        assert repr((random.getstate(), np.random.get_state())) == before
    assert answers[0] == answers[1]


@every
def test_undeclared_inputs_may_be_missing(strategy, rng):
    pool, needs = pool_of(rng), lookup(strategy).needs
    whole = rows_of(strategy, pool, 10)

    def less(part, probs):
        kept = part.scored.probs if probs else np.empty((len(part), 0))
        vectors = part.vectors if "vectors" in needs else np.empty((len(part), 0), "f4")
        return Pool(Scored(part.scored.ids, kept), vectors, part.labels)

    old = less(pool.labelled, "labelled-probs" in needs)
    votes = pool.votes if "votes" in needs else None
    bare = replace(less(pool, "probs" in needs), labelled=old, votes=votes)
    assert rows_of(strategy, bare, 10) == whole
    if not {"labelled", "labels", "labelled-probs"} & set(needs):
        rows_of(strategy, replace(bare, labelled=None), 10)
        nobody = Pool(Scored([], old.scored.probs[:0]), old.vectors[:0], old.labels[:0])
        rows_of(strategy, replace(bare, labelled=nobody), 10)


@every
def test_memory_estimate_exists_for_any_size(strategy):
    small, large = (
        lookup(strategy).memory(Size(n, 128, 3, 100, 100)) for n in (1000, 1_000_000)
    )
    assert 0 < small <= large < 1 << 31


@every
def test_plugin_is_documented(strategy):
    assert len(strategies.summary(strategy)) > 10
    assert inspect.getdoc(lookup(strategy)).startswith("Return ")
    assert lookup(strategy).__name__ == strategy.replace("-", "_")
