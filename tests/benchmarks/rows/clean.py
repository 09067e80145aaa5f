"""`clean` of 52,110 comments: alone, and with near duplicates against `datasketch`.

`datasketch` is no part of `make test`: `pip install datasketch` into `.venv` adds its
row. It hashes the same trigrams into as many bands, and drops what shares one; ours
drops of these only pairs above the similarity threshold.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from statistics import median

from tests.benchmarks import data
from tests.benchmarks.measure import Row, alcli, compare, in_turn, opponent

NEAR = "clean --near-duplicates 0.8, 52k"
MOST = 3  # runs against datasketch: it takes a minute


def rows(runs: int) -> Iterator[Row]:
    """Compare the cost of near duplicates with `clean` alone, and with datasketch."""
    pool = data.path("comments")
    kept = data.folder() / "clean.jsonl"
    near = alcli("clean", pool, "--near-duplicates", "0.8", "-o", kept)
    with_near, alone = in_turn(runs, near, alcli("clean", pool, "-o", kept))
    each = [
        (a.cpu - b.cpu) / 52_110 * 1e6 for a, b in zip(with_near, alone, strict=True)
    ]
    yield Row(
        f"{NEAR} / clean",
        "shown",
        "-",
        median(a.cpu / b.cpu for a, b in zip(with_near, alone, strict=True)),
        median(a.wall / b.wall for a, b in zip(with_near, alone, strict=True)),
        median(run.peak for run in with_near),
        f"{median(each):.0f} CPU microseconds more a record",
        {"near": with_near, "alone": alone},
    )
    if find_spec("datasketch") is None:
        yield Row(f"{NEAR} / datasketch", "<= 0.20 x", "-", note="not installed")
        return
    others = data.folder() / "datasketch.jsonl"
    ours, theirs = in_turn(
        min(runs, MOST), near, opponent("datasketch_loop", pool, others), warm=False
    )
    yield compare(f"{NEAR} / datasketch", ours, theirs, at_most=0.2, megabytes=150)
