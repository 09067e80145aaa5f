"""Selection by a batch strategy or its opponent; prints its cost.

`python -m tests.benchmarks.choose STRATEGY --records N --width D -n K`: vectors and
probabilities are synthetic and not timed; `extra` is the memory beyond them, MB.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from alcli.query.strategies import Pool, Scored, lookup
from tests.benchmarks.opponents import dense_badge, greedy_k_centre

UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
OPPONENTS: dict[str, Callable[[Pool, int, np.random.Generator], Any]] = {
    "dense-badge": dense_badge.rows,
    "greedy-k-centre": greedy_k_centre.rows,
}


def main() -> None:
    """Select once, after a small selection that completes lazy imports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strategy")
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--classes", type=int, default=3)
    parser.add_argument("--labelled", type=int, default=100)
    parser.add_argument("-n", type=int, required=True)
    args = parser.parse_args()

    choose = OPPONENTS.get(args.strategy) or lookup(args.strategy)
    made_up(args.strategy, choose, 200, args.width, args.classes, 10, 5)
    costs = made_up(
        args.strategy,
        choose,
        args.records,
        args.width,
        args.classes,
        args.labelled,
        args.n,
    )
    print(json.dumps(costs))


def made_up(
    name: str, choose: Any, n: int, d: int, classes: int, labelled: int, k: int
) -> dict[str, Any]:
    """Select k of n clustered records; return seconds, memory and rows."""
    rng = np.random.default_rng(0)
    old, pool = (part(rng, size, d, classes) for size in (labelled, n))
    pool = Pool(pool.scored, pool.vectors, None, old)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    rows = choose(pool, k, np.random.default_rng(1))
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "extra": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        * UNIT
        / 1e6,
        "rows": np.asarray(rows).tolist(),
    }


def part(rng: np.random.Generator, n: int, d: int, classes: int) -> Pool:
    """Return n records in 50 clouds."""
    middles = np.random.default_rng(7).normal(size=(50, d)).astype(np.float32)
    vectors = rng.standard_normal((n, d), np.float32)
    homes = rng.integers(50, size=n)
    for first in range(0, n, 1 << 14):  # no copy of all: it would hide what is taken
        vectors[first : first + (1 << 14)] += middles[homes[first : first + (1 << 14)]]
    logits = rng.normal(0, 2, (n, classes))
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    scored = Scored([str(i) for i in range(n)], logits)
    return Pool(scored, vectors, rng.integers(classes, size=n))


if __name__ == "__main__":
    main()
