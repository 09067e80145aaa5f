"""Selection from arrays, against selection from the lines of the same records."""

import json

import numpy as np
import pytest

from alcli.annotation.votes.ledger import Ledger
from alcli.core.jsonl import to_blocks
from alcli.features.vectors import Vectors
from alcli.query.scoring.probs_writer import ProbsWriter, json_floats
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.exclusion import ExcludedRecords, text_key
from alcli.query.selection.labelled import LabelledPool
from alcli.query.selection.scored_rows import ScoredRows
from alcli.query.selection.selector import LineSelector, select_rows
from alcli.query.settings import SelectionSettings
from alcli.query.strategies import POOL_LEVEL_NEEDS, Scored, lookup, strategies

CLASSES = ("yes", "no", "maybe")
N = 90


@pytest.fixture
def pool(rng):
    """Return 90 records of 60 texts, and the float32 probs that `score` writes."""
    probs = rng.dirichlet([1] * 3, N).astype(np.float32)
    records = [
        {"id": f"r{i}", "tokens": f"t{i % 60}", "topic": i % 4} for i in range(N)
    ]
    lines = [json.dumps(record).encode() for record in records]
    return [json.loads(line) for line in ProbsWriter(CLASSES)(lines, probs)], probs


def context_of(strategy, pool, *, diversify=False):
    """Return what the strategy needs beside the records, and excluded records."""
    needs = set(lookup(strategy).needs)
    old = [r | {"id": f"l{i}", "label": CLASSES[i % 3]} for i, r in enumerate(pool[:9])]
    ids = [record["id"] for record in [*pool, *old]]
    inputs = {}
    if diversify or "vectors" in needs:
        numbers = np.random.default_rng(1).normal(size=(len(ids), 5)).astype("f4")
        inputs["vectors"] = Vectors.of(ids, numbers)
    inputs["labelled"] = LabelledPool()
    for block in to_blocks(old):
        inputs["labelled"].add(block)
    if "votes" in needs:
        inputs["votes"] = Ledger()
        votes = [
            {"id": record["id"], "annotator": f"a{who}", "label": CLASSES[who % 3]}
            for record in pool[::2]
            for who in range(2)
        ]
        for block in to_blocks(votes):
            inputs["votes"].add(block)
    excluded = ExcludedRecords(["r20", "r21"], to_blocks(pool[30:40]))
    return SelectionContext(**inputs, excluded=excluded)


def of_lines(settings, pool, context):
    selector = LineSelector(settings, context)
    for block in to_blocks(pool, size=40):
        selector.add(block)
    return [json.loads(line)["id"] for line in selector.batch()]


def of_arrays(settings, pool, probs, context):
    strategy = lookup(settings.strategy)
    signals = {
        name: np.array([record["signals"][name] for record in pool])
        for name in set(strategy.needs) - POOL_LEVEL_NEEDS - {"probs"}
    }
    ids = [record["id"] for record in pool]
    field = settings.strata[0] or getattr(strategy, "stratify", None)
    rows = ScoredRows(
        Scored(ids, json_floats(probs), signals),
        CLASSES,
        [record[field] for record in pool] if field else None,
        [text_key(r["id"], r["tokens"], None) for r in pool],
    )
    return [ids[row] for row in select_rows(settings, rows, context)]


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("strategy", [*strategies.names(), "bald"])
def test_arrays_and_lines_give_the_same_batch(pool, strategy, seed):
    records, probs = pool
    records = [r | {"signals": {"bald": i * 7 % 89}} for i, r in enumerate(records)]
    context = context_of(strategy, records)
    settings = SelectionSettings(25, strategy, seed=seed)
    batch = of_lines(settings, records, context)

    assert of_arrays(settings, records, probs, context) == batch
    assert len(batch) == 25
    assert not {"r20", "r21", "r30"} & {*batch}


@pytest.mark.parametrize(
    "options",
    [
        {"stratify": "topic", "shares": "equal"},
        {"mix_random": 0.4},
        {"min_utility": 0.95},
        {"diversify": True},
    ],
    ids=str,
)
def test_settings_do_the_same_to_arrays_and_lines(pool, options):
    records, probs = pool
    context = context_of("margin", records, diversify="diversify" in options)
    settings = SelectionSettings(15, "margin", **options)
    batch = of_lines(settings, records, context)

    assert of_arrays(settings, records, probs, context) == batch
    assert batch != of_lines(
        SelectionSettings(15), records, context_of("margin", records)
    )


@pytest.mark.parametrize("strategy", ["margin", "lda", "random", "core-set"])
def test_the_parts_of_arrays_do_not_change_the_batch(pool, strategy, monkeypatch):
    records, probs = pool
    context = context_of(strategy, records)
    settings = SelectionSettings(25, strategy)
    whole = of_arrays(settings, records, probs, context)
    monkeypatch.setattr("alcli.query.selection.selector.PART", 7)

    assert of_arrays(settings, records, probs, context) == whole


def test_json_floats_are_those_of_the_written_records(pool):
    records, probs = pool
    read = [list(record["probs"].values()) for record in records]

    assert json_floats(probs).tolist() == read
    assert json_floats(np.array([1e-12, 1, 0, 3e38], "f4")).tolist() == [
        1e-12,
        1,
        0,
        3e38,
    ]
