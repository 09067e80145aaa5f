"""One round of the loop by commands: 5,000 labels, a pool of 52,110; no goal.

A command's start is what the same command costs on as good as nothing: ten records.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks import data
from tests.benchmarks.measure import ProcessCost, Row, alcli, in_turn, once

MOST = 3  # runs


def rows(runs: int) -> Iterator[Row]:
    """Train, evaluate, score and select as the reference loop does."""
    large = {
        "labelled": data.path("comments-labelled"),
        "test": data.path("comments-test"),
        "pool": data.path("comments"),
    }
    small = {
        "labelled": data.path("few-labelled"),
        "test": data.path("few-test"),
        "pool": data.path("few-test"),
    }
    folder = data.folder() / "round"
    folder.mkdir(exist_ok=True)
    classes = ("--class", "negative", "--class", "positive")
    vocabulary = ("--vocabulary-from", large["pool"])
    untrained = ("train", "--epochs", "0", *vocabulary, *classes, "--arch", "cnn")
    once(alcli(*untrained, "-o", folder / "init.model"))
    sums = [0.0, 0.0]
    for (what, whole), start in zip(
        commands(folder / "whole", folder / "init.model", **large).items(),
        commands(folder / "start", folder / "init.model", **small).values(),
        strict=True,
    ):
        pair = list(in_turn(min(runs, MOST), whole, start))
        walls = [median(run.wall for run in side) for side in pair]
        sums = [a + b for a, b in zip(sums, walls, strict=True)]
        yield _row(f"a round with cnn: {what}", *pair)
    yield Row(
        "a round with cnn: all of it",
        "shown",
        "-",
        note=f"{sums[0]:.1f} s, of it {sums[1]:.1f} s to start",
    )


def commands(
    folder: Path, init: Path, labelled: Path, test: Path, pool: Path
) -> dict[str, list[str]]:
    """Return the command lines of a round, in order."""
    folder.mkdir(exist_ok=True)
    model, scored = folder / "round.model", folder / "scored.jsonl"
    exclude = ("--exclude", labelled)
    return {
        "train": alcli("train", labelled, "--init", init, "-o", model),
        "evaluate": alcli("evaluate", test, "-m", model, "-o", folder / "metrics"),
        "score": alcli("score", pool, "-m", model, *exclude, "-o", scored),
        "select": alcli(
            *("select", scored, "-s", "margin", "-n", "521"),
            *("-o", folder / "batch.jsonl"),
        ),
    }


def _row(what: str, whole: list[ProcessCost], start: list[ProcessCost]) -> Row:
    texts = [
        f"{median(r.wall for r in side):.2f} s ({median(r.cpu for r in side):.2f} CPU)"
        for side in (whole, start)
    ]
    return Row(
        what,
        "shown",
        "-",
        peak=median(run.peak for run in whole),
        note=f"{texts[0]}, of it {texts[1]} to start",
        runs={"whole": whole, "start": start},
    )
