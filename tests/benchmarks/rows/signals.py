"""`score --signal bald`: twenty passes of dropout for at most the price of twenty.

`python -m tests.benchmarks.rows.signals CHECKPOINT RECORDS OUT [SIGNAL...]` prints what
it costs from the first record read to the last written.
"""

import json
import sys
import time
from collections.abc import Iterator
from statistics import median

from tests.benchmarks import data
from tests.benchmarks.measure import Row, alcli, in_turn, judged, module, once
from tests.benchmarks.rows.score import trained
from tests.benchmarks.self_timed import run_self_timed_in_turn

GOAL, FLAT = 20.0, 1.1
MOST = 3  # runs
NETWORKS = ("cnn", "lstm")  # dropout at the end, and at every word


def rows(runs: int) -> Iterator[Row]:
    """Ask with and without the signal in turn; and for memory, of ten times as many."""
    pool = data.path("comments")
    models = {"cnn": trained("cnn"), "lstm": data.folder() / "lstm-bald.model"}
    words = ("--vocabulary-from", pool, "--epochs", "1", "-o", models["lstm"])
    once(alcli("train", data.path("comments-labelled"), "--arch", "lstm", *words))
    for arch in NETWORKS:
        out = data.folder() / f"bald-{arch}.jsonl"
        bald, plain = run_self_timed_in_turn(
            min(runs, MOST),
            module("rows.signals", models[arch], pool, out, "bald"),
            module("rows.signals", models[arch], pool, out),
        )
        ratios = {
            kind: median(a[kind] / b[kind] for a, b in zip(bald, plain, strict=True))
            for kind in ("cpu", "wall")
        }
        yield Row(
            f"score {arch} --signal bald, 20 passes / score",
            f"<= {GOAL:.0f} x",
            judged(ratios["wall"] <= GOAL),
            ratios["cpu"],
            ratios["wall"],
            note=f"{median(run['wall'] for run in bald):.3g} s",
            runs={"bald": bald, "plain": plain},
        )
    out = data.folder() / "bald.jsonl"
    few, many = in_turn(
        1,
        *(
            alcli(
                *("score", data.path(f"pool-{size}"), "-m", models["cnn"]),
                *("--signal", "bald", "-o", out),
            )
            for size in ("small", "large")
        ),
        warm=False,
    )
    ratio = many[0].peak / few[0].peak
    yield Row(
        "score cnn --signal bald, peak of 1M / of 100k",
        f"<= {FLAT} x the peak",
        judged(ratio <= FLAT),
        peak=many[0].peak,
        note=f"{ratio:.2f} x the peak; {many[0].cpu:.1f} CPU s",
        runs={"small": few, "large": many},
    )


def measure(
    checkpoint: str, source: str, target: str, *signals: str
) -> dict[str, float]:
    """Score a file as the command does."""
    from alcli import Checkpoint
    from alcli.core.jsonl import blocks, write_lines
    from alcli.core.run import run
    from alcli.query.scoring.settings import BLOCK, ScoringSettings
    from alcli.query.scoring.step import Score

    step = Score(Checkpoint.load(checkpoint), ScoringSettings(signals=signals))
    wall, cpu = time.perf_counter(), time.process_time()
    with open(target, "wb") as out:
        for result in run(step, blocks([source], records=BLOCK)):
            write_lines(out, result.lines)
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
