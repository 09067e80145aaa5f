"""The finished runs of results.jsonl, and the two baselines among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from examples.common.records import read_records

SETS = ("sentipers", "snappfood")  # in every table, run or not
SCORE = "weighted_f1"

type Run = dict[str, Any]


class Runs:
    """The last run of each data set, kind, what and seed.

    long: strategies whose runs continue to the end of the curve.
    """

    def __init__(self, results: Path, long: Sequence[str]) -> None:
        self.long = long
        self.by_name: dict[tuple[Any, ...], Run] = {}
        for run in read_records(results):
            name = tuple(run[key] for key in ("data", "kind", "what", "seed"))
            self.by_name[name] = run

    def sets(self) -> list[str]:
        """Return the names of the data sets."""
        return sorted({*SETS, *(name[0] for name in self.by_name)})

    def of(self, data: str, kind: str, what: str) -> list[Run]:
        """Return the runs of all seeds."""
        names = sorted(name for name in self.by_name if name[:3] == (data, kind, what))
        return [self.by_name[name] for name in names]

    def found(self, data: str, kind: str, known: Iterable[str]) -> list[str]:
        """Return the known names, then those of other runs of this kind."""
        ran = {name[2] for name in self.by_name if name[:2] == (data, kind)}
        return [*known, *sorted(ran - {*known})]

    def paper(self, data: str) -> float | None:
        """Return the score of a CNN trained on all labels as in the study."""
        return self._mean(data, "paper", "cnn")

    def strong(self, data: str) -> float | None:
        """Return the best score of models trained on all labels with early stopping."""
        archs = self.found(data, "strong", ())
        return max((self._mean(data, "strong", a) or 0 for a in archs), default=None)

    def _mean(self, data: str, kind: str, what: str) -> float | None:
        scores = [run["curve"][SCORE][-1] for run in self.of(data, kind, what)]
        return mean(scores) if scores else None
