"""What runs are told of by: the class of the machine, the seconds of each step."""

from __future__ import annotations

import json
import os
import platform
from collections import defaultdict
from pathlib import Path
from statistics import median


def machine(about: Path = Path("/proc/cpuinfo")) -> str:
    """Return the class of the machine: processor, cores, Python.

    about: where Linux tells of processors; not all of them have names there.
    """
    lines = about.read_text("utf-8").split("\n") if about.exists() else []
    names = [
        line.partition(":")[2].strip()
        for line in lines
        if line.startswith("model name")
    ]
    names += [platform.processor() or platform.machine()]
    return f"{names[0]}, {os.cpu_count()} cores, Python {platform.python_version()}"


def seconds(reports: Path) -> dict[str, float]:
    """Return the median seconds of each step that did its work, over the rounds."""
    spent: defaultdict[str, list[float]] = defaultdict(list)
    for path in sorted(reports.glob("*.json")):
        report = json.loads(path.read_text("utf-8"))
        if report["status"] in (0, 1):
            spent[report["command"]].append(report["seconds"])
    return {step: round(median(times), 2) for step, times in spent.items()}
