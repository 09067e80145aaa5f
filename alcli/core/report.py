"""What a run says: lines for people (`log`), and the JSON of `--report FILE`.

Library code says things through `log`, a standard logger called `alcli`; the command
line shows them on stderr behind the command's name, `-q` leaves errors only.
"""

from __future__ import annotations

import hashlib
import logging
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from alcli.core.inputs import STDIO, display_name

log = logging.getLogger("alcli")


class Report:
    """Counts what happens to records and files during one run of a command.

    `counts` has `read`, `written`, and how many records were dropped by each reason.
    """

    def __init__(self, command: str = "", arguments: Sequence[str] = ()) -> None:
        self.path: str | None = None  # where `--report` wants it
        self.command, self.arguments = command, list(arguments)
        self.counts: Counter[str] = Counter()
        self.inputs: dict[str, str | None] = {}
        self.worker_memory = 0  # of the largest process of `--jobs`, in bytes
        self._start = time.monotonic()

    def input(self, path: str) -> None:
        """Note an input file; its sha256 is taken before anything can replace it."""
        if display_name(path) not in self.inputs:
            digest = sha256_of(path) if self.path and path != STDIO else None
            self.inputs[display_name(path)] = digest

    def count(self, counts: Mapping[str, int]) -> None:
        """Add to the counts."""
        self.counts.update(counts)

    def summary(self) -> str:
        """Return one line for a log: what was read, written, dropped.

        >>> report = Report(); report.count({"read": 5, "written": 4, "repeated id": 1})
        >>> report.summary()
        '5 read, 4 written; left out: 1 repeated id'
        """
        kept = ", ".join(f"{self.counts[k]:,} {k}" for k in ("read", "written"))
        rest = [
            f"{n:,} {reason}" for reason, n in self.dropped().items() if n
        ]  # in the order in which they came
        return kept + ("; left out: " + ", ".join(rest) if rest else "")

    def dropped(self) -> dict[str, int]:
        """Return how many records were left out, by reason."""
        return {k: n for k, n in self.counts.items() if k not in ("read", "written")}

    def as_dict(self, *, status: int, error: str | None) -> dict[str, Any]:
        """Return the whole report as JSON-ready values.

        peak_memory: the most that this process held, in bytes; peak_memory_worker: the
        most that any one process of `--jobs` held, beside it.
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
    """Return the most that this process has held at any time, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024)


@contextmanager
def progress(
    what: str = "", total: int | None = None, unit: str = "records"
) -> Iterator[Callable[..., object]]:
    """Yield a function that is told of records done; seen at a terminal only.

    It is called as `tell(done)` or `tell(done, note)`; the note is shown at the end.
    """
    if not (sys.stderr.isatty() and log.isEnabledFor(logging.INFO)):
        yield lambda done, note="": None
        return
    from tqdm import tqdm

    with tqdm(
        desc=what or None,
        total=total,
        unit=f" {unit}",
        unit_scale=unit == "records",
        leave=False,
        delay=0.5,
    ) as bar:

        def tell(done: int, note: str = "") -> None:
            bar.set_postfix_str(note, refresh=False)
            bar.update(done)

        yield tell


def sha256_of(path: str) -> str | None:
    """Return the sha256 of a regular file's bytes.

    None for pipes and the like, and for what cannot be read: its reader will say so.
    """
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
