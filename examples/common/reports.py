"""Seconds of commands, from the reports that `--report` writes."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from statistics import median


def median_seconds(reports: Path) -> dict[str, float]:
    """Return command -> median seconds over its successful calls (exit status 0 or 1).

    reports: folder of JSON files.
    """
    spent: defaultdict[str, list[float]] = defaultdict(list)
    for path in sorted(reports.glob("*.json")):
        report = json.loads(path.read_text("utf-8"))
        if report["status"] in (0, 1):
            spent[report["command"]].append(report["seconds"])
    return {step: round(median(times), 2) for step, times in spent.items()}
