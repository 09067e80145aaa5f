"""Surroundings of a command: a stderr that may fail, and limits of memory."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from typing import Any

SURROUNDINGS = 5  # the exit status
_LEAST_MEMORY, _MUCH_MEMORY = 128 << 20, 2 << 30  # bytes


class LenientStream:
    """A stderr whose failed writes are dropped: a full log disk changes no status."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(OSError):
            self._stream.flush()


def is_memory_limited() -> bool:
    """Check whether the process may have little memory, and prepare for that.

    OpenBLAS ends the process with status 1 if it cannot have its buffers, of which
    each of its threads has one.

    Raises:
        SystemExit: not even NumPy would start.
    """
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY or limit >= _MUCH_MEMORY:
        return False
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    if limit < _LEAST_MEMORY:
        problem = f"the limit of {limit >> 20} MB is too low; raise `ulimit -v`"
        print(f"alcli: out of memory: {problem}", file=sys.stderr)  # noqa: T201
        sys.exit(SURROUNDINGS)
    return True
