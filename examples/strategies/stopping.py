"""Print one record of where each criterion would have stopped each run.

Usage: python stopping.py run DATA.ARCH >> results.jsonl
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "loop"))
from measured import machine
from record import commit

from alcli import proceed
from alcli.evaluation.criteria import criteria

BUDGETS = {"labels", "rounds", "seconds"}  # which say nothing of the model
METRIC = "macro_f1"

type Curve = Sequence[Mapping[str, Any]]


def main(folder: Path, name: str) -> None:
    """Print the record: of each criterion over all runs, and over those of margin."""
    data, arch = name.split(".")
    runs = list(curves((folder / f"{name}.curve.jsonl").read_text("utf-8")))
    of_margin = [run for run in runs if run[0]["tags"]["strategy"] == "margin"]
    names = [name for name in criteria.names() if name not in BUDGETS]
    figures: dict[str, Any] = {
        "commit": commit(),
        "machine": machine(),
        "data": data,
        "arch": arch,
        "metric": METRIC,
        "criteria": {
            name: {"all": told(runs, name), "margin": told(of_margin, name)}
            for name in names
        },
    }
    print(json.dumps(figures))


def curves(text: str) -> Iterator[Curve]:
    """Yield the rounds of each run that has a strategy, in their order."""
    runs: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in text.split("\n")[:-1]:
        record = json.loads(line)
        if "round" in record["tags"]:
            runs[record["tags"]["run"]].append(record)
    for run in runs.values():
        yield sorted(run, key=lambda record: int(record["tags"]["round"]))


def told(runs: Sequence[Curve], name: str) -> dict[str, Any]:
    """Return how many of some runs a criterion stops, where, and what that loses.

    Means over the runs that it stops: labels, then; lost, the best score of the run
    less that at the stop; labels_of_best, where the best is. most_lost: by any run.
    """
    stops = [(curve, place) for curve in runs if (place := stop(curve, name)) >= 0]
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


def stop(curve: Curve, name: str) -> int:
    """Return the first round after which a criterion says enough, or -1."""
    for place in range(len(curve)):
        (verdict,) = proceed(curve[: place + 1], [name]).values()
        if verdict.stop:
            return place
    return -1


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
