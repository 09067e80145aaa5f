"""Refuse before memory runs out, where the need is known beforehand."""

from __future__ import annotations

import resource
from pathlib import Path

from alcli.core.errors import MemoryRefused

_CGROUP = Path("/sys/fs/cgroup")


def ensure(needed: int, *, remedy: str) -> None:
    """Do nothing if `needed` more bytes can be had.

    Raises:
        MemoryRefused: they cannot; the message ends with the remedy.
    """
    free = available()
    if free is not None and needed > free:
        raise MemoryRefused(
            f"needs {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are "
            f"available; {remedy}"
        )


def available() -> int | None:
    """Return how many more bytes this process may have; None where nobody says."""
    rooms = [_machine(), _container(), _process()]
    return min((room for room in rooms if room is not None), default=None)


def _machine() -> int | None:
    return _kilobytes(Path("/proc/meminfo"), "MemAvailable")


def _container() -> int | None:
    try:
        limit = int((_CGROUP / "memory.max").read_text())  # or "max"
        used = int((_CGROUP / "memory.current").read_text())
        rows = dict(map(str.split, (_CGROUP / "memory.stat").read_text().splitlines()))
        return limit - used + int(rows["inactive_file"])  # the cache makes room
    except (OSError, KeyError, ValueError):
        return None


def _process() -> int | None:
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    used = _kilobytes(Path("/proc/self/status"), "VmSize")
    return None if limit == resource.RLIM_INFINITY or used is None else limit - used


def _kilobytes(file: Path, name: str) -> int | None:
    try:
        rows = dict(line.split(":", 1) for line in file.read_text().splitlines())
        return int(rows[name].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None
