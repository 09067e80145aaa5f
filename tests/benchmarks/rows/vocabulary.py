"""A training step costs the words that occur, not the words that are known.

The texts are the same, and so are their numbers: the larger vocabulary has words
beside those of the smaller, in no text. What a step costs, several epochs less one
tell, so graphs are left out: `python -m tests.benchmarks.rows.vocabulary ROUNDS`.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from statistics import median

from tests.benchmarks import data
from tests.benchmarks.measure import Row, judged, module
from tests.benchmarks.self_timed import run_self_timed

GOAL = 1.5
SIZES = (7_000, 100_000)
BATCH = 64
EPOCHS = 6
MOST = 5  # rounds


def rows(runs: int) -> Iterator[Row]:
    """Compare the steps of two vocabularies on 5,000 texts."""
    data.path("comments-labelled")
    found = run_self_timed(module("rows.vocabulary", str(min(runs, MOST))))
    cpu, wall = (
        median(large / small for small, large in found[kind])
        for kind in ("cpu", "wall")
    )
    steps = [1000 * median(column) for column in zip(*found["cpu"], strict=True)]
    yield Row(
        "train cnn, a step with 100k words / with 7k",
        f"<= {GOAL} x",
        judged(cpu <= GOAL),
        cpu,
        wall,
        note=f"{steps[1]:.1f} CPU ms against {steps[0]:.1f}",
        runs=found,
    )


def measure(rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Return wall and CPU seconds of a step, for each round and vocabulary."""
    import alcli

    with data.path("comments-labelled").open("rb") as lines:
        records = [json.loads(line) for line in lines]
    counts = Counter(word for r in records for word in r["tokens"].split(" "))
    words = [word for word, _ in counts.most_common(SIZES[0])]
    words += [f"#{n}" for n in range(SIZES[1] - len(words))]
    starts = [
        alcli.train(
            corpus=[{"tokens": word} for word in words[:size]],
            classes=["negative", "positive"],
            arch="cnn",
            params={"min_count": 1, "max_share": 1.0},
            epochs=0,
        )
        for size in SIZES
    ]
    steps = (EPOCHS - 1) * -(-len(records) // BATCH)

    def seconds(start: alcli.Checkpoint, epochs: int) -> tuple[float, float]:
        wall, cpu = time.perf_counter(), time.process_time()
        alcli.train(records, init=start, epochs=epochs, batch_size=BATCH)
        return time.perf_counter() - wall, time.process_time() - cpu

    def step(start: alcli.Checkpoint) -> tuple[float, float]:
        one, all_ = seconds(start, 1), seconds(start, EPOCHS)
        return (all_[0] - one[0]) / steps, (all_[1] - one[1]) / steps

    found = [tuple(map(step, starts)) for _ in range(rounds)]
    return {
        kind: [(small[i], large[i]) for small, large in found]
        for i, kind in enumerate(("wall", "cpu"))
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
