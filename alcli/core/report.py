"""Report of a run: its counts, inputs and memory, the JSON of `--report FILE`."""

from __future__ import annotations

import hashlib
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from alcli.core.errors import AlcliError
from alcli.core.files import output
from alcli.core.inputs import STDIO, display_name
from alcli.core.json_text import json_text
from alcli.core.log import log


class Report:
    """Counts and input files of one run of a command.

    counts: number of records `read`, `written`, and dropped, by reason.
    inputs: sha256 of each input file, by name; None for pipes.
    """

    def __init__(self, command: str = "", arguments: Sequence[str] = ()) -> None:
        self.path: str | None = None  # of the `--report` file
        self.command, self.arguments = command, list(arguments)
        self.counts: Counter[str] = Counter()
        self.inputs: dict[str, str | None] = {}
        self.worker_memory = 0  # of the largest process of `--jobs`, in bytes
        self._start = time.monotonic()

    def input(self, path: str) -> None:
        """Add an input file; its sha256 is taken now, before `-o` may replace it."""
        if display_name(path) not in self.inputs:
            digest = sha256_of(path) if self.path and path != STDIO else None
            self.inputs[display_name(path)] = digest

    def count(self, counts: Mapping[str, int]) -> None:
        """Add numbers of records to the counts."""
        self.counts.update(counts)

    def summary(self) -> str:
        """Return the counts as one line of a log.

        >>> report = Report(); report.count({"read": 5, "written": 4, "repeated id": 1})
        >>> report.summary()
        '5 read, 4 written; left out: 1 repeated id'
        """
        kept = ", ".join(f"{self.counts[k]:,} {k}" for k in ("read", "written"))
        rest = [
            f"{n:,} {reason}" for reason, n in self.dropped().items() if n
        ]  # in order of first occurrence
        return kept + ("; left out: " + ", ".join(rest) if rest else "")

    def dropped(self) -> dict[str, int]:
        """Return the number of dropped records, by reason."""
        return {k: n for k, n in self.counts.items() if k not in ("read", "written")}

    def write(self, *, status: int, error: str | None) -> None:
        """Write the report to its `path`, if there is one; log a failure."""
        if not self.path:
            return
        text = json_text(self.as_dict(status=status, error=error))
        try:
            with output(self.path) as file:
                file.write(text.encode() + b"\n")
        except (AlcliError, OSError) as problem:
            log.error("no report: %s", problem)

    def as_dict(self, *, status: int, error: str | None) -> dict[str, Any]:
        """Return the report as JSON-ready values.

        `peak_memory` is the peak of this process in bytes, `peak_memory_worker` that of
        the largest process of `--jobs`.
        """
        from importlib.metadata import version

        return {
            "command": self.command,
            "version": version("alcli"),
            "arguments": self.arguments,
            "status": status,
            "error": error,
            "seconds": round(time.monotonic() - self._start, 3),
            "read": self.counts["read"],
            "written": self.counts["written"],
            "dropped": self.dropped(),
            "inputs": [{"path": p, "sha256": h} for p, h in self.inputs.items()],
            "peak_memory": peak_memory(),
            "peak_memory_worker": self.worker_memory,
        }


def peak_memory() -> int:
    """Return the peak resident memory of this process, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024)  # macOS counts bytes


def sha256_of(path: str) -> str | None:
    """Return the sha256 of a regular file as hex, or None for any other path.

    An unreadable file is no error here: its reader raises one.
    """
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
