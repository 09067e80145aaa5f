"""The normaliser against hazm's loop, text by text, without the start of either.

Each corpus has its own process: `python -m tests.benchmarks.rows.normalize
CORPUS ROUNDS` prints the cost of each round.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median

from tests.benchmarks import data
from tests.benchmarks.measure import ROOT, Row, judged, module

GOALS = {"snappfood/train": 5.0, "sentipers/all_sentences": 4.0}
TEXTS = 10_000
LEAST = 5  # rounds


def rows(runs: int) -> Iterator[Row]:
    """Yield the speed-up of the Persian normaliser over hazm."""
    for corpus, goal in GOALS.items():
        command = module("rows.normalize", corpus, str(max(runs, LEAST)))
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
        found = json.loads(done.stdout)
        cpu = median(b / a for a, b in found["cpu"])
        wall = median(b / a for a, b in found["wall"])
        speed = TEXTS / median(a for a, _ in found["wall"])
        yield Row(
            f"hazm loop / normaliser, {corpus}",
            f">= {goal:.1f} x",
            judged(cpu >= goal),
            cpu,
            wall,
            note=f"{speed:,.0f} texts/s; {found['equal']:.2%} of texts equal",
            runs={"cpu": found["cpu"], "wall": found["wall"]},
        )


def measure(corpus: str, rounds: int) -> dict[str, object]:
    """Tokenise the same texts in turn; ours starts each round with an empty memory."""
    from alcli.text.languages import normaliser
    from tests.benchmarks.opponents.hazm_loop import tokens

    texts = [record["text"] for record in islice(data.texts(corpus), TEXTS)]
    pairs = list(zip(map(normaliser("fa"), texts), map(tokens, texts), strict=True))
    equal = sum(a == b for a, b in pairs) / len(pairs)
    del pairs
    times = [
        (_timed(normaliser("fa"), texts), _timed(tokens, texts)) for _ in range(rounds)
    ]
    return {
        "wall": [(a[0], b[0]) for a, b in times],
        "cpu": [(a[1], b[1]) for a, b in times],
        "equal": equal,
    }


def _timed(
    function: Callable[[str], list[str]], texts: list[str]
) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    for text in texts:
        function(text)
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
