"""Conditions to wait for, without a time limit: that of pytest is the only one.

On a busy machine any number of seconds is too few.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def until[T](found: Callable[[], T], ended: Callable[[], object] = lambda: None) -> T:
    """Return the first true value of a function that is called again and again.

    ended: status of the process that is to bring it about (`poll`), else None.
    """
    while True:
        status = ended()  # before the last look
        if value := found():
            return value
        assert status is None, f"ended with {status} before that"
        time.sleep(0.001)


def asleep(pid: int) -> bool:
    """Check whether a process waits for something; true where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return status.rpartition(")")[2].split()[0] == "S"


def blocked(pid: int) -> bool:
    """Check whether a process waits for a lock; true where the system does not say."""
    locks = Path("/proc/locks")
    lines = locks.read_text().splitlines() if locks.exists() else [f"-> {pid} "]
    return any("->" in line and f" {pid} " in line for line in lines)
