"""`score` streams: a pool ten times as large takes no more memory."""

from collections.abc import Iterator
from statistics import median

from tests.benchmarks import data
from tests.benchmarks.measure import Row, alcli, in_turn, judged, once

GOAL = 1.1


def rows(runs: int) -> Iterator[Row]:
    """Score 100,000 and 1,000,000 records with a logistic regression."""
    model, scored = data.folder() / "logreg.model", data.folder() / "by-logreg.jsonl"
    once(alcli("train", data.path("labelled"), "--arch", "logreg", "-o", model))
    small, large = in_turn(
        min(runs, 3),  # peaks hardly vary
        *(
            alcli("score", data.path(f"pool-{size}"), "-m", model, "-o", scored)
            for size in ("small", "large")
        ),
        warm=False,
    )
    peaks = [median(run.peak for run in found) for found in (small, large)]
    ratio = peaks[1] / peaks[0]
    yield Row(
        "score logreg, peak of 1M / of 100k",
        f"<= {GOAL} x the peak",
        judged(ratio <= GOAL),
        peak=peaks[1],
        note=f"{ratio:.2f} x the peak; {median(r.cpu for r in large):.1f} CPU s",
        runs={"small": small, "large": large},
    )
