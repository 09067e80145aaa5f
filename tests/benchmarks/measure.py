"""Costs of whole processes that run in turn, and their comparison.

Shared machines are noisy, so ours and the opponent take turns and are compared pair
by pair: what slows a minute slows both. The median of the ratios is the result.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
OPPONENTS = ROOT / "tests" / "benchmarks" / "opponents"
LAUNCH = ROOT / "tests" / "benchmarks" / "launch.py"
ALCLI = Path(sys.executable).with_name("alcli")

_UNSET = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "ALCLI_JOBS")
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in _UNSET}
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


@dataclass(frozen=True)
class ProcessCost:
    """Cost of a process: wall-clock seconds, CPU seconds, peak RSS in MB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Row:
    """Line of the table, with its measurements.

    cpu, wall: ratios. peak: MB of our own process. runs: name -> costs of its runs.
    """

    what: str
    goal: str
    verdict: str
    cpu: float | None = None
    wall: float | None = None
    peak: float | None = None
    note: str = ""
    runs: Mapping[str, Sequence[object]] | None = None


def alcli(*args: str | Path) -> list[str]:
    """Return the command line of alcli: the installed script, else the module."""
    start = [str(ALCLI)] if ALCLI.exists() else [sys.executable, "-m", "alcli"]
    return [*start, *map(str, args)]


def opponent(name: str, *args: str | Path) -> list[str]:
    """Return the command line of `opponents/NAME.py`."""
    return [sys.executable, str(OPPONENTS / f"{name}.py"), *map(str, args)]


def module(name: str, *args: str | Path) -> list[str]:
    """Return the command line of a self-timed module of this folder."""
    return [sys.executable, "-m", f"tests.benchmarks.{name}", *map(str, args)]


def once(
    command: Sequence[str], *, stdout: int | IO[bytes] | None = None
) -> ProcessCost:
    """Run a process and its children to the end; return its cost.

    The peak does not depend on the memory of this process: see `launch.py`.

    Raises:
        RuntimeError: the process failed.
    """
    ours, theirs = os.pipe()
    launcher = [sys.executable, "-I", "-S", str(LAUNCH), str(theirs)]
    with open(ours, "rb") as answer, tempfile.TemporaryFile() as errors:
        process = start(
            [*launcher, *command], stdout=stdout, stderr=errors, handles=[theirs]
        )
        os.close(theirs)
        reply = answer.read()
        process.wait()
        used = json.loads(reply) if reply else {"status": process.returncode}
        if used["status"]:
            errors.seek(0)
            said = errors.read().decode(errors="replace")[-2000:]
            name = Path(command[0]).name
            raise RuntimeError(f"{name} ended with {used['status']}: {said}")
    return ProcessCost(used["wall"], used["cpu"], used["maxrss"] * _RSS_UNIT / 1e6)


def start(
    command: Sequence[str],
    *,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
    handles: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a process in the root, without input; `handles` are inherited."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if stdout is None else stdout,
        stderr=stderr,
        pass_fds=handles,
    )


def in_turn(
    runs: int, *commands: Sequence[str], warm: bool = True
) -> Iterator[list[ProcessCost]]:
    """Return the costs of each command; the commands take turns.

    warm: run each once before, so that files are in memory and byte code is written.
    """
    if warm:
        for command in commands:
            once(command)
    rounds = [[once(command) for command in commands] for _ in range(runs)]
    return map(list, zip(*rounds, strict=True))


def compare(
    what: str,
    ours: Sequence[ProcessCost],
    theirs: Sequence[ProcessCost],
    *,
    at_most: float,
    megabytes: float | None = None,
) -> Row:
    """Judge a command by the medians of its ratios to another, and by its memory."""
    cpu = median(a.cpu / b.cpu for a, b in zip(ours, theirs, strict=True))
    wall = median(a.wall / b.wall for a, b in zip(ours, theirs, strict=True))
    peak = median(run.peak for run in ours)
    small = megabytes is None or peak < megabytes
    goal = f"<= {at_most:.2f} x"
    if megabytes is not None:
        goal += f", < {megabytes:.0f} MB"
    if cpu <= at_most < wall and small:
        verdict = "met by CPU seconds, not by the clock"
    else:
        verdict = judged(cpu <= at_most and small)
    seconds = [f"{median(run.cpu for run in runs):.3g}" for runs in (ours, theirs)]
    return Row(
        what,
        goal,
        verdict,
        cpu,
        wall,
        peak if megabytes else None,
        f"{seconds[0]} CPU s against {seconds[1]}",
        {"ours": ours, "theirs": theirs},
    )


def judged(met: bool) -> str:
    """Return the verdict."""
    return "met" if met else "NOT met"
