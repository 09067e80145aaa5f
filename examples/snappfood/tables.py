"""Print the tables of README.md from results.jsonl: the curves, and seconds by step.

Usage: python -m examples.snappfood.tables results.jsonl
"""

from __future__ import annotations

import sys
from pathlib import Path

from examples.common.records import read_records
from examples.common.tables import table

STEPS = ("proceed", "label", "merge-labels", "train", "evaluate", "score", "select")


def main(path: Path) -> None:
    """Print both tables; the last run of a strategy and seed counts."""
    runs = {}
    for run in read_records(path):
        runs[f"{run['strategy']}, seed {run['seed']}"] = run
    names = sorted(runs)
    print("accuracy on the test set\n")
    rows = []
    for labels in sorted({int(n) for run in runs.values() for n in run["curve"]}):
        cells = [runs[name]["curve"].get(str(labels)) for name in names]
        shown = [f"{cell['accuracy']:.4f}" if cell else "" for cell in cells]
        rows.append([f"{labels:,}", *shown])
    print(*table(["labels", *names], rows), sep="\n")
    print("\nseconds of a round by step, medians over the rounds\n")
    rows = []
    for name in names:
        spent = [runs[name]["seconds"].get(step, 0) for step in STEPS]
        cells = [f"{x:.2f}" for x in (*spent, sum(spent))]
        rows.append([name, runs[name]["commit"], *cells])
    print(*table(["run", "commit", *STEPS, "all"], rows), sep="\n")
    print("\nmachine: " + "; ".join({run["machine"] for run in runs.values()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
