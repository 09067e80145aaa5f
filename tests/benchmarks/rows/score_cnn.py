"""`score` with a CNN, records in and records out, against padding all to 128.

`python -m tests.benchmarks.rows.score_cnn CHECKPOINT RECORDS OUT` prints what our side
costs from the first record read to the last written: importing Keras and loading the
model are left out, building the graph is not.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import data
from tests.benchmarks.measure import Row, module, opponent
from tests.benchmarks.rows.score import trained
from tests.benchmarks.self_timed import faster, run_self_timed_in_turn

GOAL = 5.0
SAME = 1e-5
MOST = 5  # runs
TEXTS = 52_110


def rows(runs: int) -> Iterator[Row]:
    """Score the same real comments in turn, and compare the probabilities."""
    pool, model = data.path("comments"), trained("cnn")
    outs = [data.folder() / f"by-cnn-{side}.jsonl" for side in ("ours", "theirs")]
    ours, theirs = run_self_timed_in_turn(
        min(runs, MOST),
        module("rows.score_cnn", model, pool, outs[0]),
        opponent("padded_predict", model, pool, outs[1]),
    )
    gap = apart(*outs)
    yield faster(
        "Keras padded to 128 / score cnn, 52k",
        ours,
        theirs,
        items=TEXTS,
        at_least=GOAL,
        equal=gap <= SAME,
        also=f"; probs apart by {gap:.0e}",
    )


def apart(one: Path, other: Path) -> float:
    """Return the largest difference between the probabilities in two files."""
    gap = 0.0
    with one.open("rb") as ours, other.open("rb") as theirs:
        for pair in zip(ours, theirs, strict=True):
            a, b = map(json.loads, pair)
            if a["id"] != b["id"]:
                return float("inf")
            gap = max(gap, *(abs(a["probs"][k] - b["probs"][k]) for k in b["probs"]))
    return gap


def measure(checkpoint: str, source: str, target: str) -> dict[str, float]:
    """Score a file as the command does."""
    from alcli import Checkpoint
    from alcli.core.jsonl import blocks, write_lines
    from alcli.core.run import run
    from alcli.query.scoring.settings import BLOCK, ScoringSettings
    from alcli.query.scoring.step import Score

    step = Score(Checkpoint.load(checkpoint), ScoringSettings())
    wall, cpu = time.perf_counter(), time.process_time()
    with open(target, "wb") as out:
        for result in run(step, blocks([source], records=BLOCK)):
            write_lines(out, result.lines)
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
