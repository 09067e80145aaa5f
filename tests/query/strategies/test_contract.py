"""Contract of every pointwise strategy in the folder, new ones included."""

import inspect
import json
import random

import numpy as np
import pytest

from alcli.core import jsonl
from alcli.core.jsonl import blocks
from alcli.query.selection.selector import LineSelector
from alcli.query.settings import SelectionSettings
from alcli.query.strategies import Scored, lookup, strategies
from tests.query.strategies.pools import POINTWISE

every = pytest.mark.parametrize("strategy", POINTWISE)


def scored_by(strategy, rng, *, n=97, classes=4, seed=0):
    """Make what the strategy needs, with ties, certainty and evenness among it."""
    probs = rng.dirichlet([0.7] * classes, n)
    probs[:3] = np.eye(classes)[0]
    probs[3:6] = 1 / classes
    names = [name for name in lookup(strategy).needs if name != "probs"]
    signals = {name: rng.random(n) for name in names}
    return Scored([f"id{i}" for i in range(n)], probs, signals, seed)


def rows_of(scored, rows, classes=slice(None)):
    return Scored(
        [scored.ids[row] for row in rows],
        scored.probs[rows][:, classes],
        {name: values[rows] for name, values in scored.signals.items()},
        scored.seed,
    )


@every
@pytest.mark.parametrize("classes", [1, 2, 3, 50])
def test_utilities_are_finite_numbers(strategy, rng, classes):
    for n in (0, 1, 97):
        scored = rows_of(scored_by(strategy, rng, classes=classes), range(n))
        utility = lookup(strategy)(scored)
        assert utility.shape == (n,)
        assert np.isfinite(utility).all()


@every
def test_utility_does_not_depend_on_other_records(strategy, rng):
    scored = scored_by(strategy, rng)
    utility = lookup(strategy)(scored)
    for rows in (rng.permutation(97), np.arange(40, 60), [5]):
        part = lookup(strategy)(rows_of(scored, rows))
        assert part.tolist() == utility[rows].tolist()


@every
def test_utilities_do_not_depend_on_the_order_of_classes(strategy, rng):
    scored = scored_by(strategy, rng, classes=7)
    other = rows_of(scored, np.arange(97), rng.permutation(7))
    assert lookup(strategy)(other).tolist() == lookup(strategy)(scored).tolist()


@every
def test_inputs_are_not_modified(strategy, rng):
    scored = scored_by(strategy, rng)
    probs = scored.probs.copy()
    signals = {name: values.copy() for name, values in scored.signals.items()}
    lookup(strategy)(scored)
    assert (scored.probs == probs).all()
    assert all((scored.signals[name] == signals[name]).all() for name in signals)


@every
def test_global_random_state_is_neither_read_nor_changed(strategy, rng):
    def state():
        return repr((random.getstate(), np.random.get_state()))

    answers = []
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)
        before = state()
        scored = scored_by(strategy, np.random.default_rng(0))
        answers.append(lookup(strategy)(scored).tolist())
        assert state() == before
    assert answers[0] == answers[1]


def line(record, classes, rows):
    probs = {f"c{c}": record["probs"][c] for c in classes}
    return json.dumps(record | {"probs": probs})


@pytest.fixture
def pool(tmp_path, rng):
    """Write a pool with shuffled rows and classes; returns its path."""

    def write(strategy, *, rows=None, classes=(0, 1, 2, 3)):
        scored = scored_by(strategy, np.random.default_rng(1), n=300)
        records = [
            {
                "id": id,
                "topic": row % 7 - 1,
                "tokens": f"t{row // 2}",  # every text twice
                "probs": scored.probs[row].tolist(),
                "signals": {k: v[row] for k, v in scored.signals.items()},
            }
            for row, id in enumerate(scored.ids)
        ]
        rows = range(300) if rows is None else rows
        text = "".join(line(records[row], classes, rows) + "\n" for row in rows)
        path = tmp_path / "pool.jsonl"
        path.write_text(text)
        return str(path)

    return write


def batch(path, strategy, n=40, seed=0):
    selector = LineSelector(SelectionSettings(n, strategy, seed=seed))
    for block in blocks([path]):
        selector.add(block)
    return [json.loads(line) for line in selector.batch()]


def ids(records):
    return [record["id"] for record in records]


@every
def test_batch_has_different_records_best_first(strategy, pool):
    found = batch(pool(strategy), strategy)
    assert len(set(ids(found))) == len({r["tokens"] for r in found}) == 40
    utilities = [record["query"]["utility"] for record in found]
    assert utilities == sorted(utilities, reverse=True)
    assert len(batch(pool(strategy), strategy, n=1000)) == 150


@every
def test_equal_seeds_give_equal_batches(strategy, pool):
    path = pool(strategy)
    assert batch(path, strategy, seed=5) == batch(path, strategy, seed=5)


@every
def test_batch_does_not_depend_on_order_of_records_and_classes(strategy, pool, rng):
    expected = ids(batch(pool(strategy), strategy))
    for rows, classes in (
        (rng.permutation(300), (0, 1, 2, 3)),
        (None, (2, 0, 3, 1)),
        (range(299, -1, -1), (3, 2, 1, 0)),
    ):
        assert ids(batch(pool(strategy, rows=rows, classes=classes), strategy)) == (
            expected
        )


@every
@pytest.mark.parametrize("size", [1, 1000])
def test_batch_does_not_depend_on_blocks(strategy, pool, monkeypatch, size):
    path = pool(strategy)
    whole = batch(path, strategy)
    monkeypatch.setattr(jsonl, "BLOCK_BYTES", size)
    assert len(list(blocks([path]))) > 10
    assert batch(path, strategy) == whole


@every
def test_plugin_is_documented(strategy):
    assert len(strategies.summary(strategy)) > 10
    assert inspect.getdoc(lookup(strategy)).startswith("Return ")
    assert lookup(strategy).__name__ == strategy.replace("-", "_")
