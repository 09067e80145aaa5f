"""Selection of diverse records from a shortlist."""

import json

import numpy as np
import pytest

from alcli.core.errors import InputError
from alcli.core.jsonl import to_blocks
from alcli.features.vectors import Vectors
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.labelled import LabelledPool
from alcli.query.selection.selector import LineSelector
from alcli.query.settings import SelectionSettings

N = 80


def mine(scored):
    """Return the probability of the first class."""
    return scored.probs[:, 0]


@pytest.fixture
def pool(rng):
    share = rng.permutation(N) / N
    return [
        {"id": f"r{i}", "tokens": f"t{i}", "probs": {"a": p, "b": 1 - p}}
        for i, p in enumerate(share.tolist())
    ]


@pytest.fixture
def points(rng):
    return rng.normal(size=(N + 3, 4)).astype(np.float32)


def selected(pool, points, n, *, old=(), vectors=None, **settings):
    ids = [f"r{i}" for i in range(N + 3)]
    labelled = LabelledPool()
    for block in to_blocks({"id": id} for id in old):
        labelled.add(block)
    context = SelectionContext(vectors or Vectors.of(ids, points), labelled)
    settings = SelectionSettings(n, mine, diversify=True, **settings)
    selector = LineSelector(settings, context)
    for block in to_blocks(pool, size=9):
        selector.add(block)
    return [json.loads(line) for line in selector.batch()]


@pytest.mark.parametrize("old", [(), ("r80", "r82", "r3")])
@pytest.mark.parametrize("n", [1, 6, 16, 30, 200])
def test_records_of_the_shortlist_are_far_from_each_other(pool, points, n, old):
    left = [row for row in range(N) if f"r{row}" not in old]
    best = sorted(left, key=lambda row: -pool[row]["probs"]["a"])[: 5 * n]
    centres, rows = [points[int(id[1:])] for id in old], []
    while best and len(rows) < n:
        far = [
            min((np.linalg.norm(points[row] - c) for c in centres), default=np.inf)
            for row in best
        ]
        rows.append(best.pop(int(np.argmax(far))))
        centres.append(points[rows[-1]])
    found = selected(pool, points, n, old=old)
    assert [r["id"] for r in found] == [f"r{row}" for row in rows]
    assert [r["query"]["utility"] for r in found] == [
        pool[row]["probs"]["a"] for row in rows
    ]


def test_offset_of_the_vectors_does_not_matter(pool, points):
    near = (np.round(points * 256) / 256).astype(np.float32)
    here, there = (
        selected(pool, near + np.float32(offset), 12, old=("r80", "r82"))
        for offset in (0, 4096)
    )
    assert there == here


def test_random_share_is_appended(pool, points):
    found = selected(pool, points, 8, mix_random=0.25)
    assert [r["query"]["strategy"] for r in found] == ["mine"] * 6 + ["random"] * 2
    assert found[:6] == selected(pool, points, 6)
    assert len({r["id"] for r in found}) == 8


def test_empty_pool_gives_an_empty_batch(points):
    assert selected([], points, 5) == []


def test_missing_vectors_are_an_error(pool, points):
    few = Vectors.of(["r0"], points[:1])
    with pytest.raises(InputError, match=r"for \d+ of 30 shortlisted records, such as"):
        selected(pool, points, 6, vectors=few)
    with pytest.raises(InputError, match="no vector for 1 of 1 labelled records"):
        selected(pool, points, 6, old=["x"])
