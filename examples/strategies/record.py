"""Print one record of finished simulations: commit, machine class, seeds, figures.

Usage: python -m examples.strategies.record run DATA.ARCH >> results.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from examples.common.commit import commit
from examples.common.machine import machine
from examples.common.records import read_records

FIGURES = ("strategy", "seeds", "area", "final", "labels_to", "seconds")


def main(folder: Path, name: str) -> None:
    """Print the record; `seconds` of the last process, `steps` of all rounds."""
    data, arch = name.split(".")
    report = json.loads((folder / f"{name}.report.json").read_text("utf-8"))
    summary, other = (
        json.loads((folder / f"{name}.{against}.json").read_text("utf-8"))
        for against in ("random", "margin")
    )
    (group,), (beside_margin,) = summary["groups"], other["groups"]
    margin = {one["strategy"]: one["against"] for one in beside_margin["strategies"]}
    peaks = {
        one: json.loads(path.read_text("utf-8"))["peak_memory"]
        for one in margin
        if (path := folder / f"{name}.{one}.memory.json").exists()
    }
    curve = read_records(folder / f"{name}.curve.jsonl")
    steps = [sum(record["seconds"].values()) for record in curve]
    figures: dict[str, Any] = {
        "commit": commit(),
        "machine": machine(),
        "data": data,
        "arch": arch.split("-")[0],
        "class_weight": group["settings"]["class_weight"],
        "n": group["n"],
        "metric": summary["metric"],
        "rounds": len(curve),
        "seconds": round(report["seconds"]),
        "steps": round(sum(steps)),
        "between": group["between"],
        "baselines": group["baselines"],
        "strategies": [
            {name: one[name] for name in FIGURES}
            | {
                "against_random": one["against"],
                "against_margin": margin[one["strategy"]],
                "memory": peaks.get(one["strategy"]),
            }
            for one in group["strategies"]
        ],
        "warnings": group["warnings"],
    }
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
