"""Selections of small-text 1.4.1 and ours from the same five rows, and the right ones.

The right answer is computed from the definition in the paper, row by row, in plain
Python. `ALCLI_PEERS` is the path of a Python that has small-text and torch.
"""

import json
import math
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np

from alcli.query.strategies import Pool, Scored, lookup
from tests.benchmarks.measure import OPPONENTS, Row, judged

EVEN = [1 / 3, 1 / 3, 1 / 3]
CASES: dict[str, dict[str, Any]] = {
    # 2 is the farthest from the labelled ones; 4 lies beside it, so that 3 is next
    "core-set": {
        "vectors": [[0.0, 0.0], [1.0, 0.0], [0.0, 9.0], [8.0, 0.0], [0.0, 8.5]],
        "probs": [EVEN] * 5,
        "labelled": [0, 1],
        "n": 2,
    },
    # 0 and 1 agree with each other, and with no labelled record; 2 is torn
    "cal": {
        "vectors": [[1.0, 0.0], [1.1, 0.0], [5.0, 0.0], [0.0, 0.0], [4.0, 0.0]],
        "probs": [[0.9, 0.1], [0.9, 0.1], [0.45, 0.55], [0.1, 0.9], [0.2, 0.8]],
        "labelled": [3, 4],
        "n": 1,
    },
    # the longest gradient: 4 is least sure
    "badge": {
        "vectors": [[1.0, 0.0]] * 5,
        "probs": [
            [0.98, 0.01, 0.01],
            [0.8, 0.1, 0.1],
            [0.7, 0.2, 0.1],
            [0.5, 0.3, 0.2],
            EVEN,
        ],
        "labelled": [],
        "n": 1,
    },
}
WHY = {
    "core-set": "its function takes places among the unlabelled for rows of all",
    "cal": "its neighbours are any records, itself among them, not the labelled ones",
    "badge": "its gradient is -p h, not (p - e_y) h: the surest record's is longest",
}


def rows(runs: int) -> Iterator[Row]:
    """Yield a row for each case."""
    python = os.environ.get("ALCLI_PEERS")
    theirs: dict[str, list[int]] = {}
    if python:
        call = [python, str(OPPONENTS / "five_rows.py")]
        done = subprocess.run(
            call, input=json.dumps(CASES), capture_output=True, text=True, check=True
        )
        theirs = json.loads(done.stdout)
    for name, case in CASES.items():
        found, right = ours(name, case), RIGHT[name](case)
        said = f"small-text {theirs[name]}, {WHY[name]}" if theirs else "not asked"
        yield Row(
            f"{name} of five rows",
            f"rows {right}",
            judged(found == right),
            note=f"ours {found}; {said}",
        )


def ours(name: str, case: dict[str, Any]) -> list[int]:
    """Return the rows that our strategy chooses."""
    x = np.array(case["vectors"], np.float32)
    probs, labelled = np.array(case["probs"]), np.array(case["labelled"], np.intp)
    free = np.setdiff1d(np.arange(len(x)), labelled)

    def part(some: Any, old: Pool | None = None) -> Pool:
        scored = Scored([str(row) for row in some.tolist()], probs[some])
        return Pool(scored, x[some], None, old)

    pool = part(free, part(labelled))
    how = {"neighbours": 2} if name == "cal" else {}
    strategy: Any = lookup(name)
    found = strategy(pool, case["n"], np.random.default_rng(0), **how)
    return [int(row) for row in free[found]]


def core_set(case: dict[str, Any]) -> list[int]:
    """Select by greedy k-centre (Sener & Savarese, 2018, algorithm 1)."""
    x, centres, found = case["vectors"], list(case["labelled"]), list[int]()
    while len(found) < case["n"]:
        far = {
            row: min(math.dist(x[row], x[centre]) for centre in centres)
            for row in range(5)
            if row not in centres
        }
        found.append(max(far, key=far.__getitem__))
        centres.append(found[-1])
    return found


def cal(case: dict[str, Any]) -> list[int]:
    """Select by mean KL to two labelled neighbours (Margatina et al., 2021)."""
    x, p, scores = case["vectors"], case["probs"], dict[int, float]()
    for row in set(range(5)) - set(case["labelled"]):
        near = sorted(case["labelled"], key=lambda other: math.dist(x[row], x[other]))
        each = [
            sum(a * math.log(a / b) for a, b in zip(p[other], p[row], strict=True))
            for other in near[:2]
        ]
        scores[row] = sum(each) / len(each)
    return sorted(scores, key=lambda row: -scores[row])[: case["n"]]


def badge(case: dict[str, Any]) -> list[int]:
    """Select by the longest gradient (p - e_y) h (Ash et al., 2020, algorithm 1)."""
    lengths = []
    for x, p in zip(case["vectors"], case["probs"], strict=True):
        off = [a - (place == p.index(max(p))) for place, a in enumerate(p)]
        lengths.append(math.hypot(*off) * math.hypot(*x))
    return sorted(range(5), key=lambda row: -lengths[row])[: case["n"]]


RIGHT = {"core-set": core_set, "cal": cal, "badge": badge}
