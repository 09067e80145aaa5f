"""Memory check before large allocations, so that a run fails early and cleanly."""

from __future__ import annotations

import resource
from pathlib import Path

from alcli.core.errors import MemoryRefused

_CGROUP = Path("/sys/fs/cgroup")


def ensure(needed: int, *, remedy: str) -> None:
    """Raise MemoryRefused unless `needed` more bytes are available.

    needed: estimate, in bytes.
    remedy: end of the message, such as "use --subsample".

    Raises:
        MemoryRefused: fewer bytes are available.
    """
    free = available()
    if free is not None and needed > free:
        raise MemoryRefused(
            f"needs {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are "
            f"available; {remedy}"
        )


def available() -> int | None:
    """Return the number of bytes that this process may still allocate.

    The least of machine, control group and process limit; None if all are unknown.
    """
    limits = [_machine(), _container(), _process()]
    return min((limit for limit in limits if limit is not None), default=None)


def _machine() -> int | None:
    return _kilobytes(Path("/proc/meminfo"), "MemAvailable")


def _container() -> int | None:
    try:
        limit = int((_CGROUP / "memory.max").read_text())  # or "max"
        used = int((_CGROUP / "memory.current").read_text())
        rows = dict(map(str.split, (_CGROUP / "memory.stat").read_text().splitlines()))
        return limit - used + int(rows["inactive_file"])  # page cache is reclaimable
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
