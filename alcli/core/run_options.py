"""Options of a run over files, as every command has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from alcli.core.report import Report

MAX_LINE = 64 << 20  # bytes


class RunOptions(NamedTuple):
    """Options of a run: input handling, processes, and rejects.

    report: receives the counts and the memory of workers.
    jobs: number of processes.
    block: records per block; by default about 512 KB.
    skip_invalid: skip invalid lines; rejects: path of a file for them.
    max_line: longest input line, in bytes.
    """

    report: Report
    jobs: int = 1
    block: int | None = None
    skip_invalid: bool = False
    rejects: str | None = None
    max_line: int = MAX_LINE
