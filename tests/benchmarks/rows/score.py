"""`score` streams: a pool ten times as large takes no more memory."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks import data
from tests.benchmarks.measure import Row, alcli, in_turn, judged, once

GOAL = 1.1
FITS = {"logreg": ("labelled",), "cnn": ("comments-labelled", "--epochs", "1")}
MOST = 3  # runs: peaks hardly vary


def rows(runs: int) -> Iterator[Row]:
    """Score 100,000 and 1,000,000 records with a model of each kind."""
    for arch in FITS:
        model, scored = trained(arch), data.folder() / f"by-{arch}.jsonl"
        small, large = in_turn(
            min(runs, MOST),
            *(
                alcli("score", data.path(f"pool-{size}"), "-m", model, "-o", scored)
                for size in ("small", "large")
            ),
            warm=False,
        )
        peaks = [median(run.peak for run in found) for found in (small, large)]
        ratio = peaks[1] / peaks[0]
        yield Row(
            f"score {arch}, peak of 1M / of 100k",
            f"<= {GOAL} x the peak",
            judged(ratio <= GOAL),
            peak=peaks[1],
            note=f"{ratio:.2f} x the peak; {median(r.cpu for r in large):.1f} CPU s",
            runs={"small": small, "large": large},
        )


def trained(arch: str) -> Path:
    """Return a fresh checkpoint that knows the words of real comments."""
    model = data.folder() / f"{arch}.model"
    known, *options = FITS[arch]
    words = ("--vocabulary-from", data.path("comments"))
    once(
        alcli(
            *("train", data.path(known), "--arch", arch, *options),
            *(*words, "-o", model),
        )
    )
    return model
