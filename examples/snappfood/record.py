"""Print one record of a finished run: commit, machine class, seed, figures.

Usage: python record.py FOLDER STRATEGY-SEED >> results.jsonl
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median


def machine() -> str:
    """Return the class of the machine: processor, cores, Python."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if line.startswith("model name")
    ]
    return f"{names[0]}, {os.cpu_count()} cores, Python {platform.python_version()}"


def commit() -> str:
    """Return the commit of the tree, with a + where files differ from it."""
    here = Path(__file__).parent
    call = ["git", "-C", str(here), "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(call, capture_output=True, text=True).stdout.strip()


def seconds(reports: Path) -> dict[str, float]:
    """Return the median seconds of each step, over the rounds."""
    spent: defaultdict[str, list[float]] = defaultdict(list)
    for path in sorted(reports.glob("*.json")):
        report = json.loads(path.read_text("utf-8"))
        spent[report["command"]].append(report["seconds"])
    return {step: round(median(times), 3) for step, times in spent.items()}


def main(folder: Path, name: str) -> None:
    """Print the record."""
    strategy, _, seed = name.rpartition("-")
    curve = {}
    for line in (folder / "curve.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        curve[record["labels"]] = {
            m: round(record["metrics"][m], 4) for m in ("accuracy", "macro_f1")
        }
    figures = {
        "commit": commit(),
        "machine": machine(),
        "strategy": strategy,
        "seed": int(seed),
        "curve": curve,
        "seconds": seconds(folder / "reports"),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
