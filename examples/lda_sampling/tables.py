"""Tables of README.md, between its marks, from results.jsonl.

Usage: python -m examples.lda_sampling.tables results.jsonl README.md "STRATEGY..."

STRATEGY: a strategy whose runs continue to the end of the curve.
"""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from examples.common.tables import write_tables
from examples.lda_sampling import cells
from examples.lda_sampling.runs import Runs

BEGIN = "<!-- tables: written by tables.py -->\n"
PAPER = {"cnn": (78.4, 78.2, 78.3, 78.2), "lstm": (79.1, 78.7, 78.9, 78.7)}
STRATEGIES = ("random", "entropy", "margin", "least-confidence", "lda")
READINGS = {
    "a": "newest first, the last fifth held back, shuffled",
    "b": "newest first, in the order of the file",
    "c": "newest last, in the order of the file",
}
METRICS = ("weighted_precision", "weighted_recall", "weighted_f1", "accuracy")
PROVENANCE = ("seeds", "commit")

type Rows = Iterator[list[str]]


def models(runs: Runs) -> Rows:
    """Yield the scores of models trained on all labels."""
    yield ["data", "model", "P", "R", "F1", "accuracy", "training, s", *PROVENANCE]
    for arch, scores in PAPER.items():
        yield ["MirasOpinion, as told", arch, *map(str, scores), "", "", ""]
    for data in runs.sets():
        for kind, known in (("paper", PAPER), ("strong", ("logreg", *PAPER))):
            for arch in runs.found(data, kind, known):
                seeds = runs.of(data, kind, arch)
                scores = [cells.last(seeds, metric) for metric in METRICS]
                spent = cells.seconds(seeds, "train")
                yield [
                    data,
                    f"{arch}, {kind}",
                    *scores,
                    spent,
                    *cells.provenance(seeds),
                ]


def targets(runs: Runs) -> Rows:
    """Yield the labels to 98 and 100 % of both baselines."""
    shares = [f"{b}, {s} %" for b in ("paper", "strong") for s in (98, 100)]
    yield ["data", "strategy", *shares, *PROVENANCE]
    for data in runs.sets():
        baselines = runs.paper(data), runs.strong(data)
        goals = [b and b * s for b in baselines for s in (0.98, 1)]
        shown = [f"F1 {100 * goal:.1f}" if goal else "not run" for goal in goals]
        yield [data, "*to be reached*", *shown, "", ""]
        for strategy in runs.found(data, "a", STRATEGIES):
            seeds = runs.of(data, "a", strategy)
            found = [cells.first_and_for_good(seeds, goal) for goal in goals]
            yield [data, strategy, *found, *cells.provenance(seeds)]


def areas(runs: Runs) -> Rows:
    """Yield the areas under the curves."""
    yield ["data", "strategy", "of the short runs", "of the long runs", *PROVENANCE]
    for data in runs.sets():
        every = [run for s in STRATEGIES for run in runs.of(data, "a", s)]
        ends = cells.ends(every)
        for strategy in runs.found(data, "a", STRATEGIES):
            seeds = runs.of(data, "a", strategy)
            found = [cells.area_to(seeds, end) for end in (ends[0], ends[-1])]
            yield [data, strategy, *found, *cells.provenance(seeds)]


def falls(runs: Runs) -> Rows:
    """Yield the peaks of the long curves, and the falls after them."""
    yield [
        *("data", "strategy", "all labels", "reached with", "peak", "at", "fall"),
        *PROVENANCE,
    ]
    reported = ("78", "14 %", "80", "39 %", "not told", "", "")
    yield ["MirasOpinion, as told", "lda", *reported]
    for data in runs.sets():
        base = runs.paper(data)
        for strategy in runs.long:
            seeds = runs.of(data, "a", strategy)
            yield [
                data,
                strategy,
                f"{100 * base:.1f}" if base else "not run",
                cells.first(seeds, base),
                cells.peak(seeds),
                cells.peak_at(seeds),
                cells.fall(seeds),
                *cells.provenance(seeds),
            ]


def orders(runs: Runs) -> Rows:
    """Yield the three readings of "the newest first"."""
    yield ["data", "reading, with lda", "area", "F1 at its end", *PROVENANCE]
    for data in runs.sets():
        every = {reading: runs.of(data, reading, "lda") for reading in READINGS}
        end = cells.ends([run for found in every.values() for run in found])[0]
        for reading, seeds in every.items():
            found = [cells.area_to(seeds, end), cells.score_at(seeds, end)]
            words = f"({reading}) {READINGS[reading]}"
            yield [data, words, *found, *cells.provenance(seeds)]


TITLES = {
    models: "All labels (Table 6)",
    targets: "Labels to a baseline (Figures 2 and 3)",
    areas: "Area under the curve",
    falls: "The peak and the fall (Table 7)",
    orders: 'Three readings of "the newest labels first"',
}


def to_markdown(runs: Runs) -> str:
    """Return the tables as Markdown."""
    parts = []
    for table, title in TITLES.items():
        head, *rows = table(runs)
        lines = [head, ["---"] * len(head), *rows]
        shown = ["| " + " | ".join(line) + " |\n" for line in lines]
        parts.append(f"### {title}\n\n" + "".join(shown))
    machines = dict.fromkeys(run["machine"] for run in runs.by_name.values())
    return "\n".join(parts) + f"\nMachine: {'; '.join(machines) or 'none so far'}\n"


def main(results: Path, readme: Path, long: Sequence[str]) -> None:
    """Write the tables; the lock keeps out writers of records and of tables."""
    with results.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_tables(readme, to_markdown(Runs(results, long)), BEGIN)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3].split())
