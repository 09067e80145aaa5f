"""Summary of the curves of `alcli simulate`: areas, labels saved, significance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alcli.core.errors import InputError, UsageError
from alcli.core.jsonl import Record
from alcli.evaluation.comparison import caveats
from alcli.evaluation.comparison.baseline_caveats import of_networks
from alcli.evaluation.comparison.baselines import baselines_of, mean_sd, settings
from alcli.evaluation.comparison.paired import add_verdicts, compare_runs, mean_curve
from alcli.evaluation.comparison.runs import Group, Run, Runs, gather
from alcli.numerics.learning_curves import (
    MEAN_ROUNDS,
    SCORE_TOLERANCE,
    area_under_curve,
    labels_to_target,
)

SHARES = (95, 98, 99, 100)  # of a baseline, in %


def summarise(
    records: Iterable[Record],
    *,
    metric: str = "macro_f1",
    against: str | None = None,
    source: object = "",
) -> dict[str, Any]:
    """Return the summary of a ledger of `alcli simulate`, ready for JSON.

    against: strategy that all others are compared with, random by default. source: the
    file, for messages. Unfinished runs are left out, unless all are. Returned: `data`,
    `metric`, and `groups`, one for each architecture, batch size, start strategy and
    settings, with its `baselines` (see `alcli.evaluation.comparison.baselines`),
    `between` (range of labels that all its curves cover), `against` (a strategy's
    name), `warnings`, and `strategies` by their area, the largest first:

    - seeds, and rounds (of the shortest); area: mean and sd over seeds, all `between`;
      final: of the last scores; peak: of the mean of the seeds;
    - labels_to: {baseline: {"95": labels}} to so many % of it, None: never. Reached is
      the first round from which the mean over three rounds of the mean of the seeds
      stays there; of a shorter curve, the mean over all rounds;
    - seconds: mean per round of each step;
    - against: see `alcli.evaluation.comparison.paired`; None for the strategy that all
      others are compared with, and without that strategy.

    Time: a second for 10 seeds of 10 strategies of 100 rounds.

    Raises:
        UsageError: no run is of the strategy `against`.
        InputError: see `alcli.evaluation.comparison.runs.gather`; or two curves have no
            number of labels in common.
    """
    ledger = gather(records, metric=metric, source=source)
    names = {run.strategy for runs in ledger.groups.values() for run in runs}
    if against is not None and against not in names:
        known = ", ".join(sorted(names))
        raise UsageError(f"--against {against}: no such strategy, but: {known}")
    other = against or "random"
    groups = [_group(group, ledger, metric, other, source) for group in ledger.groups]
    for found in groups:
        found["warnings"] += of_networks(found, groups)
    return {"data": ledger.data, "metric": metric, "groups": groups}


def _group(
    group: Group, ledger: Runs, metric: str, against: str, source: object
) -> dict[str, Any]:
    runs = ledger.groups[group]
    used = [run for run in runs if run.ended] or runs
    between = _common_range(used, source)
    strategies: defaultdict[str, list[Run]] = defaultdict(list)
    for run in sorted(used, key=lambda run: run.seed):
        strategies[run.strategy].append(run)
    baselines = baselines_of(group, ledger.baselines, metric)
    found: dict[str, Any] = {
        "arch": group.arch,
        "n": int(group.n) if group.n.isdecimal() else group.n,
        "start": group.start,
        "settings": settings(group.settings),
        "between": [round(end) for end in between],
        "baselines": baselines,
        "against": against,
        "strategies": _strategies(strategies, baselines, between, against),
    }
    found["warnings"] = [
        *caveats.of_runs(runs),
        *caveats.of_group(found, strategies),
        *caveats.of_metric(metric, found["settings"].get("class_weight"), used),
    ]
    return found


def _common_range(runs: Sequence[Run], source: object) -> tuple[float, float]:
    """Return the lowest and the highest number of labels that all curves cover."""
    late = max(runs, key=lambda run: run.labels[0])
    short = min(runs, key=lambda run: run.labels[-1])
    if late.labels[0] > short.labels[-1]:
        raise InputError(
            f"{late} begins at {late.labels[0]:.0f} labels, {short} ends at "
            f"{short.labels[-1]:.0f}: they cannot be compared; take one of them out",
            source=source,
        )
    return float(late.labels[0]), float(short.labels[-1])


def _strategies(
    strategies: Mapping[str, Sequence[Run]],
    baselines: Mapping[str, Any],
    between: tuple[float, float],
    against: str,
) -> list[dict[str, Any]]:
    areas = {
        run: area_under_curve(run.labels, run.scores, between=between)
        for runs in strategies.values()
        for run in runs
    }
    others = strategies.get(against, [])
    full = baselines["paper"] and baselines["paper"]["mean"]
    found: list[dict[str, Any]] = [
        {
            "strategy": name,
            **_curve_summary(runs, baselines),
            "area": mean_sd([areas[run] for run in runs]),
            "against": None
            if name == against
            else compare_runs(runs, others, areas, full),
        }
        for name, runs in strategies.items()
    ]
    add_verdicts([one["against"] for one in found if one["against"]])
    return sorted(found, key=lambda one: -one["area"]["mean"])


def _curve_summary(runs: Sequence[Run], baselines: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of one strategy that need no other strategy."""
    labels, scores = mean_curve(runs)
    top = int(scores.argmax())
    rounds = min(MEAN_ROUNDS, len(scores))

    def labels_to(baseline: Mapping[str, Any], share: int) -> int | None:
        target = share / 100 * baseline["mean"] - SCORE_TOLERANCE
        return labels_to_target(labels, scores, target, rounds=rounds)

    spent: defaultdict[str, list[float]] = defaultdict(list)
    for record in (record for run in runs for record in run.rounds):
        for step, seconds in (record.seconds or {}).items():
            spent[step].append(seconds)
    return {
        "seeds": len(runs),
        "rounds": len(scores),
        "final": mean_sd([float(run.scores[-1]) for run in runs]),
        "peak": {
            "score": round(float(scores[top]), 9),
            "labels": round(float(labels[top])),
        },
        "labels_to": {
            name: baselines[name]
            and {str(share): labels_to(baselines[name], share) for share in SHARES}
            for name in ("paper", "strong")
        },
        "seconds": {
            step: round(sum(spent[step]) / len(spent[step]), 6)
            for step in sorted(spent)
        },
    }
