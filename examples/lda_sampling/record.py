"""Add the record of a finished run to results.jsonl, once, whoever else adds his.

Usage: python record.py run/DATA/KIND.WHAT.SEED results.jsonl "what repeats it"
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

METRICS = (
    *("accuracy", "weighted_precision", "weighted_recall", "weighted_f1"),
    "macro_f1",
)


def machine() -> str:
    """Return the class of the machine: processor, cores, Python."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").split("\n")
        if line.startswith("model name")
    ]
    return f"{names[0]}, {os.cpu_count()} cores, Python {platform.python_version()}"


def curve(path: Path) -> dict[str, list[float]]:
    """Return labels and metrics of the rounds, a list each."""
    rounds = {}  # a round that was measured twice counts once
    for line in path.read_text("utf-8").split("\n")[:-1]:
        record = json.loads(line)
        rounds[record["key"]] = record
    columns: dict[str, list[float]] = {
        "labels": [record["labels"] for record in rounds.values()]
    }
    for name in METRICS:
        columns[name] = [round(r["metrics"][name], 4) for r in rounds.values()]
    return columns


def seconds(reports: Path) -> dict[str, float]:
    """Return the median seconds of each step, over the rounds."""
    spent: defaultdict[str, list[float]] = defaultdict(list)
    for path in sorted(reports.glob("*.json")):
        report = json.loads(path.read_text("utf-8"))
        if report["status"] in (0, 1):
            spent[report["command"]].append(report["seconds"])
    return {step: round(median(times), 2) for step, times in spent.items()}


def described(run: Path, repeat: str) -> dict[str, Any]:
    """Return the record of a run."""
    kind, what, seed = run.name.split(".")
    pool = (run / "pool.jsonl").read_bytes()
    commits = (run / "commits").read_text("utf-8").split()
    return {
        "data": run.parent.name,
        "kind": kind,
        "what": what,
        "seed": int(seed),
        "commit": " ".join(dict.fromkeys(commits)),
        "machine": machine(),
        "repeat": " ".join(repeat.split()),
        "pool": {
            "records": pool.count(b"\n"),
            "sha256": hashlib.sha256(pool).hexdigest()[:16],
        },
        "curve": curve(run / "curve.jsonl"),
        "seconds": seconds(run / "reports"),
    }


def add(line: bytes, results: Path) -> None:
    """Add a line to a ledger that does not have it; a torn last line is cut off."""
    with results.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        *lines, torn = file.read().split(b"\n")
        if torn:
            file.truncate(file.seek(0, os.SEEK_END) - len(torn))
        if line not in lines:
            file.write(line + b"\n")


def main(run: Path, results: Path, repeat: str) -> None:
    """Keep the record beside the run first: a second attempt adds the same line."""
    kept = run / "record.json"
    if not kept.exists():
        aside = run / "record.json.part"
        aside.write_text(json.dumps(described(run, repeat)), "utf-8")
        aside.rename(kept)
    add(kept.read_bytes(), results)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
