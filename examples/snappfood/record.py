"""Print one record of a finished run: commit, machine class, seed, figures.

Usage: python -m examples.snappfood.record FOLDER STRATEGY-SEED >> results.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from examples.common.commit import commit
from examples.common.machine import machine
from examples.common.records import read_records
from examples.common.reports import median_seconds


def main(folder: Path, name: str) -> None:
    """Print the record."""
    strategy, _, seed = name.rpartition("-")
    curve = {}
    for record in read_records(folder / "curve.jsonl"):
        curve[record["labels"]] = {
            m: round(record["metrics"][m], 4) for m in ("accuracy", "macro_f1")
        }
    figures = {
        "commit": commit(),
        "machine": machine(),
        "strategy": strategy,
        "seed": int(seed),
        "curve": curve,
        "seconds": median_seconds(folder / "reports"),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
