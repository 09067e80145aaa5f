"""Print one record of a finished run: commit, machine class, seed, figures.

Usage: python record.py FOLDER STRATEGY-SEED >> results.jsonl
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "loop"))
from measured import machine, seconds


def commit() -> str:
    """Return the commit of the tree, with a + where files differ from it."""
    here = Path(__file__).parent
    call = ["git", "-C", str(here), "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(call, capture_output=True, text=True).stdout.strip()


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
