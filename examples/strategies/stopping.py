"""Print one record: the stop of each run by each criterion, in hindsight.

Usage: python -m examples.strategies.stopping run DATA.ARCH >> results.jsonl
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from alcli.evaluation.criteria import criteria
from examples.common.commit import commit
from examples.common.curves import BUDGETS, Curve, read_curves, stopping_round
from examples.common.machine import machine

METRIC = "macro_f1"


def main(folder: Path, name: str) -> None:
    """Print the record: each criterion over all runs, and over the runs of margin."""
    data, arch = name.split(".")
    runs = list(read_curves(folder / f"{name}.curve.jsonl"))
    of_margin = [run for run in runs if run[0]["tags"]["strategy"] == "margin"]
    names = [name for name in criteria.names() if name not in BUDGETS]
    figures: dict[str, Any] = {
        "commit": commit(),
        "machine": machine(),
        "data": data,
        "arch": arch,
        "metric": METRIC,
        "criteria": {
            name: {"all": summary(runs, name), "margin": summary(of_margin, name)}
            for name in names
        },
    }
    print(json.dumps(figures))


def summary(runs: Sequence[Curve], name: str) -> dict[str, Any]:
    """Return the number of runs that a criterion stops, and the cost of stopping.

    Means over the stopped runs: labels, at the stop; lost, the best score of the run
    less the score at the stop; labels_of_best, at the best score. most_lost: maximum.
    """
    places = [(curve, stopping_round(curve, name)) for curve in runs]
    stops = [(curve, place) for curve, place in places if place is not None]
    found: dict[str, Any] = {"runs": len(runs), "stopped": len(stops)}
    if not stops:
        return found
    scores = [[round["metrics"][METRIC] for round in curve] for curve, _ in stops]
    best = [max(range(len(one)), key=one.__getitem__) for one in scores]
    lost = [max(one) - one[at] for one, (_, at) in zip(scores, stops, strict=True)]
    labels = [curve[at]["labels"] for curve, at in stops]
    tops = [curve[at]["labels"] for (curve, _), at in zip(stops, best, strict=True)]
    return found | {
        "labels": round(mean(labels)),
        "lost": round(mean(lost), 6),
        "most_lost": round(max(lost), 6),
        "labels_of_best": round(mean(tops)),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
