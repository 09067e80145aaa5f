"""Print the tables of README.md from results.jsonl: the curves, and seconds by step.

Usage: python tables.py results.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

STEPS = ("proceed", "label", "merge-labels", "train", "evaluate", "score", "select")


def main(path: Path) -> None:
    """Print both tables; of runs of one strategy and seed the last counts."""
    runs = {}
    for line in path.read_text("utf-8").splitlines():
        run = json.loads(line)
        runs[f"{run['strategy']}, seed {run['seed']}"] = run
    names = sorted(runs)
    print("accuracy on the test set\n")
    print("| labels | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for labels in sorted({int(n) for run in runs.values() for n in run["curve"]}):
        cells = [runs[name]["curve"].get(str(labels)) for name in names]
        shown = [f"{cell['accuracy']:.4f}" if cell else "" for cell in cells]
        print(f"| {labels:,} | " + " | ".join(shown) + " |")
    print("\nseconds of a round by step, medians over the rounds\n")
    print("| run | commit | " + " | ".join(STEPS) + " | all |")
    print("|---" * (len(STEPS) + 3) + "|")
    for name in names:
        spent = [runs[name]["seconds"].get(step, 0) for step in STEPS]
        cells = [f"{x:.2f}" for x in (*spent, sum(spent))]
        print(f"| {name} | {runs[name]['commit']} | " + " | ".join(cells) + " |")
    print("\nmachine: " + "; ".join({run["machine"] for run in runs.values()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
