"""Print the learning curves of a folder of runs side by side, and draw them.

Usage: python -m examples.reviews.curves FOLDER STRATEGY...

Curves are FOLDER/STRATEGY-SEED/curve.jsonl.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import fmean

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

METRIC = "accuracy"


def read(path: Path) -> dict[int, float]:
    """Return labels -> score, the last record of each number of labels."""
    records = map(json.loads, path.read_text("utf-8").splitlines())
    return {r["labels"]: r["metrics"][METRIC] for r in records}


def main(folder: Path, strategies: list[str]) -> None:
    """Print a table of means over seeds with each seed behind, and write curve.png."""
    runs = {
        name: [read(path) for path in sorted(folder.glob(f"{name}-*/curve.jsonl"))]
        for name in strategies
    }
    full = json.loads((folder / "full.jsonl").read_text("utf-8"))
    best = full["metrics"][METRIC]
    print(
        f"\n{METRIC} on the synthetic sample, mean of {len(runs[strategies[0]])} seeds"
    )
    print(f"{'labels':>8}" + "".join(f"{name:>24}" for name in strategies))
    for labels in sorted(runs[strategies[0]][0]):
        cells = []
        for name in strategies:
            scores = [run[labels] for run in runs[name] if labels in run]
            each = " ".join(f"{score:.3f}" for score in scores)
            cells.append(f"{fmean(scores):.3f} ({each})")
        print(f"{labels:>8,}" + "".join(f"{cell:>24}" for cell in cells))
    print(f"{full['labels']:>8,}  all labels of the pool: {best:.3f}")
    draw(runs, full["labels"], best, folder / "curve.png")
    print(f"the picture: {folder / 'curve.png'}")


def draw(
    runs: dict[str, list[dict[int, float]]], pool: int, best: float, path: Path
) -> None:
    """Draw a line per strategy (mean) over thin ones (seeds), and the full score."""
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for color, (name, curves) in zip(
        ("C7", "C0", "C1", "C2"), runs.items(), strict=False
    ):
        xs = sorted(curves[0])
        for curve in curves:
            axes.plot(xs, [curve[x] for x in xs], color=color, alpha=0.3, linewidth=1)
        means = [fmean(curve[x] for curve in curves) for x in xs]
        axes.plot(xs, means, color=color, linewidth=2, marker="o", label=name)
    axes.axhline(best, color="black", linestyle="--", linewidth=1)
    axes.annotate(
        f"all {pool:,} labels", (xs[0], best), xytext=(0, 4), textcoords="offset points"
    )
    axes.set(xlabel="labels", ylabel=METRIC, title="Synthetic sample: learning curves")
    axes.margins(y=0.08)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
