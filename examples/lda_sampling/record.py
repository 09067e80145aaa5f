"""Append the record of a finished run to results.jsonl, once, under a lock.

Usage: python -m examples.lda_sampling.record RUN results.jsonl COMMAND

RUN is run/DATA/KIND.WHAT.SEED, COMMAND the command that repeats it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from examples.common.machine import machine
from examples.common.records import read_records
from examples.common.reports import median_seconds

METRICS = (
    *("accuracy", "weighted_precision", "weighted_recall", "weighted_f1"),
    "macro_f1",
)


def curve(path: Path) -> dict[str, list[float]]:
    """Return labels and metrics of the rounds, one list each."""
    rounds = {}  # a round that was evaluated twice counts once
    for record in read_records(path):
        rounds[record["key"]] = record
    columns: dict[str, list[float]] = {
        "labels": [record["labels"] for record in rounds.values()]
    }
    for name in METRICS:
        columns[name] = [round(r["metrics"][name], 4) for r in rounds.values()]
    return columns


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
        "seconds": median_seconds(run / "reports"),
    }


def add(line: bytes, results: Path) -> None:
    """Append a line to a ledger, unless it is there; cut off a torn last line."""
    with results.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        *lines, torn = file.read().split(b"\n")
        if torn:
            file.truncate(file.seek(0, os.SEEK_END) - len(torn))
        if line not in lines:
            file.write(line + b"\n")


def main(run: Path, results: Path, repeat: str) -> None:
    """Save the record beside the run, then append it: a retry adds the same line.

    A run that was resumed since has another curve, and gets another record.
    """
    kept = run / "record.json"
    text = kept.read_text("utf-8") if kept.exists() else "{}"
    if json.loads(text).get("curve") != curve(run / "curve.jsonl"):
        aside = run / "record.json.part"
        aside.write_text(json.dumps(described(run, repeat)), "utf-8")
        aside.rename(kept)
    add(kept.read_bytes(), results)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
