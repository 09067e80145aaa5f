"""Batch strategies beside those of small-text and scikit-activeml, on the same vectors.

`ALCLI_PEERS` is the path of a Python that has both, in a separate environment. Each
library runs once, in its own process, for PATIENCE seconds at the most.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from statistics import median
from typing import Any

from tests.benchmarks.measure import OPPONENTS, Row, judged, module, start
from tests.benchmarks.self_timed import run_self_timed

POOL = ("--records", "100000", "--width", "128")
PATIENCE = 120
OUT_OF_TIME = f"more than {PATIENCE} s"
MOST = 3  # runs of ours
MEGABYTES = 1000
LIBRARIES = ("small-text", "scikit-activeml")
CASES = {
    "core-set": ("100", LIBRARIES),
    "k-means": ("100", ("small-text",)),
    "badge": ("100", ("scikit-activeml",)),
    "cal": ("1000", LIBRARIES),
    "discriminative": ("1000", LIBRARIES),
    "typiclust": ("1000", ("scikit-activeml",)),
    "prob-cover": ("100", ("scikit-activeml",)),
}
HOW_TO_GET_THEM = (
    "set ALCLI_PEERS=V/bin/python after `python -m venv V` and "
    "`V/bin/pip install small-text==1.4.1 scikit-activeml==1.0.1`"
)


def rows(runs: int) -> Iterator[Row]:
    """Yield a row for each strategy that one of them has."""
    python = os.environ.get("ALCLI_PEERS")
    if not python:
        note = HOW_TO_GET_THEM
        yield Row("strategies / small-text, scikit-activeml", "-", "-", note=note)
        return
    for name, (n, libraries) in CASES.items():
        size = (*POOL, "-n", n)
        ours = [
            run_self_timed(module("choose", name, *size))
            for _ in range(max(1, min(runs, MOST)))
        ]
        wall, extra = (median(run[key] for run in ours) for key in ("wall", "extra"))
        theirs = {
            one: run_with_timeout(
                [python, OPPONENTS / "peer_choose.py", one, name, *size]
            )
            for one in libraries
        }
        runs_of = [run for run in theirs.values() if isinstance(run, dict)]
        seconds = [run["wall"] for run in runs_of]
        seconds += [PATIENCE for run in theirs.values() if run == OUT_OF_TIME]
        notes = [f"{wall:.2f} s, {extra:.0f} MB beyond the inputs"]
        notes += [f"{one}: {summary(run, ours[0])}" for one, run in theirs.items()]
        yield Row(
            f"{name}, 100,000 x 128, n = {n}",
            f"none slower, < {MEGABYTES} MB",
            judged(wall <= min(seconds, default=wall) and extra < MEGABYTES),
            wall=min(seconds) / wall if seconds else None,
            note="; ".join(notes),
            runs={"ours": ours},
        )


def run_with_timeout(command: list[Any]) -> dict[str, Any] | str:
    """Return the JSON output of a process, or a message where it fails."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = start([str(word) for word in command], stdout=out, stderr=errors)
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return OUT_OF_TIME
        for file in (out, errors):
            file.seek(0)
        if status:
            lines = errors.read().decode(errors="replace").strip().split("\n")
            return f"ends with {status}: {lines[-1][-100:]}"
        found: dict[str, Any] = json.load(out)
        return found


def summary(run: dict[str, Any] | str, ours: dict[str, Any]) -> str:
    """Return time, memory and the share of equal picks of a library."""
    if isinstance(run, str):
        return run
    same = len(set(run["rows"]) & set(ours["rows"])) / len(ours["rows"])
    return f"{run['wall']:.1f} s, {run['extra']:.0f} MB, {same:.0%} the same picks"
