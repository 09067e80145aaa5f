"""Cells of the tables: a figure over the runs of all seeds, or "not run"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from math import inf
from statistics import median, median_high
from typing import Any

from alcli.numerics.learning_curves import (
    area_under_curve,
    labels_to_target,
    running_mean,
)
from examples.common.tables import mean_and_sd
from examples.lda_sampling.runs import SCORE, Run

ROUNDS = 3  # of a running mean

type Cell = Callable[..., str]


def of_runs(cell: Cell) -> Cell:
    """Wrap a cell: "not run" without runs, or where another argument is missing."""

    @wraps(cell)
    def checked(*args: Any) -> str:
        missing = any(arg is None or arg == [] for arg in args)
        return "not run" if missing else cell(*args)

    return checked


@of_runs
def spread(seeds: list[Run], measure: Callable[[Run], float], unit: str = "") -> str:
    """Return mean and standard deviation over the seeds."""
    return mean_and_sd([measure(run) for run in seeds]) + unit


def last(seeds: list[Run], metric: str) -> str:
    """Return a metric of the last round, in per cent."""
    return spread(seeds, lambda run: 100 * run["curve"][metric][-1])


@of_runs
def seconds(seeds: list[Run], step: str) -> str:
    """Return the median seconds of a step."""
    return f"{median(run['seconds'][step] for run in seeds):,.0f}"


@of_runs
def first(seeds: list[Run], target: float) -> str:
    """Return the labels of the first round that reaches the target."""
    return _labels(seeds, target, stays=False)


@of_runs
def first_and_for_good(seeds: list[Run], target: float) -> str:
    """Return the labels of the first round, and of the first from which it holds.

    The latter uses the running mean.
    """
    good = _labels(seeds, target, rounds=ROUNDS)
    found = first(seeds, target)
    return found if found == good else f"{found}; {good}"


@of_runs
def area_to(seeds: list[Run], end: float) -> str:
    """Return the area under the curve to a share of the pool."""
    if min(map(_end, seeds)) < end:
        return "not run"
    return (
        spread(seeds, lambda run: 100 * area_under_curve(*cut(run, end)))
        + f" (to {end:.0f} %)"
    )


@of_runs
def score_at(seeds: list[Run], end: float) -> str:
    """Return the score at a share of the pool."""
    return spread(seeds, lambda run: 100 * cut(run, end)[1][-1]) + f" ({end:.0f} %)"


@of_runs
def peak(seeds: list[Run]) -> str:
    """Return the highest running mean, in per cent."""
    return spread(seeds, lambda run: 100 * max(_smooth(run)))


@of_runs
def peak_at(seeds: list[Run]) -> str:
    """Return the share of the pool at the last round of the highest running mean."""
    return spread(seeds, _peak_at, " %")


@of_runs
def fall(seeds: list[Run]) -> str:
    """Return the fall of the running mean from its peak to the end, in points."""
    return spread(seeds, lambda run: 100 * (max(_smooth(run)) - _smooth(run)[-1]))


def provenance(seeds: list[Run]) -> list[str]:
    """Return the number of seeds, and the commits that made the runs."""
    if not seeds:
        return ["0", ""]
    made = dict.fromkeys(run["commit"].replace(" ", " to ") for run in seeds)
    return [str(len(seeds)), ", ".join(made)]


def ends(runs: Sequence[Run]) -> list[float]:
    """Return the ends of runs, in per cent of the pool, to one decimal, ascending."""
    return sorted({_end(run) for run in runs}) or [0.0]


def cut(run: Run, end: float) -> tuple[list[int], list[float]]:
    """Return labels and scores of the rounds up to a share of the pool."""
    pairs = zip(run["curve"]["labels"], run["curve"][SCORE], strict=True)
    kept = [(n, score) for n, score in pairs if _share(run, n) <= end]
    return [n for n, _ in kept], [score for _, score in kept]


def _labels(seeds: list[Run], target: float, **how: Any) -> str:
    found: list[float] = []
    for run in seeds:
        labels = labels_to_target(*cut(run, 100), target, **how)
        found.append(inf if labels is None else labels)
    middle = median_high(found)
    if middle == inf:
        return f"not by {min(map(_end, seeds)):.0f} %"
    return f"{middle:,} ({_share(seeds[0], middle):.0f} %)"


def _share(run: Run, labels: float) -> float:
    return round(100 * labels / float(run["pool"]["records"]), 1)


def _end(run: Run) -> float:
    return _share(run, run["curve"]["labels"][-1])


def _smooth(run: Run) -> list[float]:
    rounds = min(ROUNDS, len(run["curve"][SCORE]))
    means: list[float] = running_mean(run["curve"][SCORE], rounds).tolist()
    return means


def _peak_at(run: Run) -> float:
    means = _smooth(run)
    place = means.index(max(means)) - len(means)  # from the end
    return _share(run, run["curve"]["labels"][place])
