"""Curves of `alcli simulate`, and the replay of stopping criteria on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from alcli import proceed
from examples.common.records import read_records

BUDGETS = {"labels", "rounds", "seconds"}  # criteria that ignore the model

type Curve = Sequence[Mapping[str, Any]]


def read_curves(path: Path) -> Iterator[Curve]:
    """Yield the rounds of each run, in order; baselines are skipped."""
    runs: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in read_records(path):
        if "round" in record["tags"]:
            runs[record["tags"]["run"]].append(record)
    for run in runs.values():
        yield sorted(run, key=lambda record: int(record["tags"]["round"]))


def stopping_round(curve: Curve, criterion: str) -> int | None:
    """Return the index of the first round at which a criterion is met, if any."""
    for place in range(len(curve)):
        (verdict,) = proceed(curve[: place + 1], [criterion]).values()
        if verdict.stop:
            return place
    return None
