"""Run processes that measure a part of themselves, and compare what they tell.

Each prints `wall` and `cpu`, in seconds, as JSON: importing Keras is left out.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from tests.benchmarks.measure import Row, judged, start


def told(command: Sequence[str]) -> dict[str, Any]:
    """Return what a process that measures by itself prints, as JSON.

    Raises:
        RuntimeError: it failed.
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


def told_in_turn(runs: int, *commands: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """Return an iterator of what each command tells; they take turns."""
    rounds = [[told(command) for command in commands] for _ in range(runs)]
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
    """Say how many times as fast we are, by the median of ratios of seconds told.

    items: how many are done in a run, for the speeds. equal: the answers agree.
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
