"""Class of a machine, as records name it."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the class of the machine: processor, cores, Python.

    cpuinfo: processor list of Linux; without model names on some processors (ARM).
    """
    lines = cpuinfo.read_text("utf-8").split("\n") if cpuinfo.exists() else []
    names = [
        line.partition(":")[2].strip()
        for line in lines
        if line.startswith("model name")
    ]
    names += [platform.processor() or platform.machine()]
    return f"{names[0]}, {os.cpu_count()} cores, Python {platform.python_version()}"
