"""Print one record of finished simulations: commit, machine class, seeds, figures.

Usage: python record.py run DATA.ARCH >> results.jsonl
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "loop"))
from measured import machine

FIGURES = ("strategy", "seeds", "area", "final", "labels_to", "seconds")


def commit() -> str:
    """Return the commit of the code, with a + where it is not as committed."""
    git = ["git", "-C", str(Path(__file__).parent)]
    code = [":/alcli", ":/examples", ":(top,exclude)*.jsonl", ":(top,exclude)*.md"]
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", *code]).returncode
    call = [*git, "rev-parse", "--short", "HEAD"]
    found = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    return found.strip() + ("+" if changed else "")


def main(folder: Path, name: str) -> None:
    """Print the record; `seconds` are of the last start, `steps` of all rounds."""
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
    curve = (folder / f"{name}.curve.jsonl").read_text("utf-8").split("\n")[:-1]
    steps = [sum(json.loads(line)["seconds"].values()) for line in curve]
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
