"""Print one record of a finished run: commit, machine class, seed, figures.

Usage: python -m examples.crowd.record run/CROWD.MERGE.SEED >> results.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from examples.common.commit import commit
from examples.common.machine import machine
from examples.common.records import read_records


def labels(path: Path) -> dict[str, str]:
    """Return id -> label of the records of a file."""
    return {record["id"]: record["label"] for record in read_records(path)}


def main(run: Path) -> None:
    """Print the record; the pool holds the true labels."""
    crowd, merge, seed = run.name.split(".")
    truth = labels(run / "pool.jsonl")
    labelled = labels(run / "labelled.jsonl")
    asked = {vote["id"] for vote in read_records(run / "votes.jsonl")}
    right = sum(truth[id] == label for id, label in labelled.items())
    rounds = {record["key"]: record for record in read_records(run / "curve.jsonl")}
    annotators = read_records(run / "annotators.jsonl")
    (agreement,) = read_records(run / "agreement.jsonl")
    figures = {
        "commit": commit(),
        "machine": machine(),
        "crowd": crowd,
        "merge": merge,
        "seed": int(seed),
        "asked": len(asked),
        "labelled": len(labelled),
        "right": round(right / len(labelled), 4),
        "curve": {
            record["labels"]: round(record["metrics"]["accuracy"], 4)
            for record in rounds.values()
        },
        "alpha": agreement["krippendorff_alpha"],
        "quality": {who["annotator"]: who["quality"] for who in annotators},
        "spammers": [who["annotator"] for who in annotators if who["probably_spammer"]],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
