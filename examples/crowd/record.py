"""Print one record of a finished run: commit, machine class, seed, figures.

Usage: python record.py run/CROWD.MERGE.SEED >> results.jsonl
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a file."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        yield from map(json.loads, lines)


def machine() -> str:
    """Return the class of the machine: processor, cores, Python."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").split("\n")
        if line.startswith("model name")
    ]
    return f"{names[0]}, {os.cpu_count()} cores, Python {platform.python_version()}"


def commit() -> str:
    """Return the commit of the code, with a + where it is not as committed."""
    git = ["git", "-C", str(Path(__file__).parent)]
    code = [":/alcli", ":/examples", ":(top,exclude)*.jsonl", ":(top,exclude)*.md"]
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", *code]).returncode
    call = [*git, "rev-parse", "--short", "HEAD"]
    found = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    return found.strip() + ("+" if changed else "")


def main(run: Path) -> None:
    """Print the record; the pool tells the right labels."""
    crowd, merge, seed = run.name.split(".")
    truth = {record["id"]: record["label"] for record in read(run / "pool.jsonl")}
    labelled = {
        record["id"]: record["label"] for record in read(run / "labelled.jsonl")
    }
    asked = {vote["id"] for vote in read(run / "votes.jsonl")}
    right = sum(truth[id] == label for id, label in labelled.items())
    rounds = {record["key"]: record for record in read(run / "curve.jsonl")}
    people = list(read(run / "annotators.jsonl"))
    (agreement,) = read(run / "agreement.jsonl")
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
        "quality": {who["annotator"]: who["quality"] for who in people},
        "spammers": [who["annotator"] for who in people if who["probably_spammer"]],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
