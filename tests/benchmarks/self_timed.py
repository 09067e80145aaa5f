"""Processes that time a part of themselves, and the comparison of their times.

Each prints `wall` and `cpu`, in seconds, as JSON: importing Keras is left out.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from tests.benchmarks.measure import Row, judged, start


def run_self_timed(command: Sequence[str]) -> dict[str, Any]:
    """Return the JSON object that a self-timed process prints.

    Raises:
        RuntimeError: the process failed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = start(command, stdout=out, stderr=errors)
        status = process.wait()
        for file in (out, errors):
            file.seek(0)
        if status:
            last = errors.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{command[1:3]} ended with {status}: {last}")
        found: dict[str, Any] = json.load(out)
        return found


def run_self_timed_in_turn(
    runs: int, *commands: Sequence[str]
) -> Iterator[list[dict[str, Any]]]:
    """Return the outputs of each command; the commands take turns."""
    rounds = [[run_self_timed(command) for command in commands] for _ in range(runs)]
    return map(list, zip(*rounds, strict=True))


def faster(
    what: str,
    ours: Sequence[Mapping[str, float]],
    theirs: Sequence[Mapping[str, float]],
    *,
    items: int,
    at_least: float | None = None,
    equal: bool = True,
    also: str = "",
) -> Row:
    """Return a row with our speed-up: the median of the ratios of seconds.

    items: number processed in a run. equal: whether the results agree.
    """
    cpu, wall = (
        median(b[kind] / a[kind] for a, b in zip(ours, theirs, strict=True))
        for kind in ("cpu", "wall")
    )
    speeds = [items / median(run["wall"] for run in side) for side in (ours, theirs)]
    seconds = [median(run["cpu"] for run in side) for side in (ours, theirs)]
    return Row(
        what,
        f">= {at_least:.1f} x" if at_least else "shown",
        judged(cpu >= at_least and equal) if at_least else "-",
        cpu,
        wall,
        note=(
            f"{speeds[0]:,.0f}/s against {speeds[1]:,.0f}/s; "
            f"{seconds[0]:.3g} CPU s against {seconds[1]:.3g}{also}"
        ),
        runs={"ours": ours, "theirs": theirs},
    )
