"""Summary of the curves of `alcli simulate`: areas, labels saved, significance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alcli.core.errors import InputError, UsageError
from alcli.core.jsonl import Record
from alcli.evaluation.comparison import caveats
from alcli.evaluation.comparison.baselines import baselines, mean_sd, settings
from alcli.evaluation.comparison.comparison import against as compared_with
from alcli.evaluation.comparison.comparison import judge, mean_curve
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

    `data`, `metric`, and `groups`: of one architecture, batch size, start strategy and
    settings each, with its `baselines` (see `alcli.evaluation.comparison.baselines`),
    `between` (the numbers of labels that all its curves cover), `strategies` by their
    area, the largest first, and `warnings` in words. A strategy has

    - seeds, and rounds (of the shortest); area: mean and sd over seeds, all `between`;
      final: of the last scores; peak: of the mean of the seeds;
    - labels_to: {baseline: {"95": labels}} to so many % of it, None: never. Reached is
      the first round from which the mean over three rounds of the mean of the seeds
      stays there; of a shorter curve, the mean over what there is;
    - seconds: mean per round of each step;
    - against: see `alcli.evaluation.comparison.comparison`; None for the strategy that
      all others are compared with, and where there is none to compare with. A group
      tells its name.

    against: the strategy that all others are compared with, random by default. Runs
    that are not at their end are left out, unless none is. source: the file, for
    messages. Time: a second for 10 seeds of 10 strategies of 100 rounds.

    Raises:
        UsageError: no run is of the strategy that is named.
        InputError: see `alcli.evaluation.comparison.runs.gather`; or two curves have no
            number of labels in common.
    """
    ledger = gather(records, metric=metric, source=source)
    names = {run.strategy for runs in ledger.groups.values() for run in runs}
    if against is not None and against not in names:
        known = ", ".join(sorted(names))
        raise UsageError(f"--against {against}: no such strategy, but: {known}")
    beside = against or "random"
    groups = [_group(g, ledger, metric, beside, source) for g in ledger.groups]
    for found in groups:
        found["warnings"] += caveats.of_networks(found, groups)
    return {"data": ledger.data, "metric": metric, "groups": groups}


def _group(
    group: Group, ledger: Runs, metric: str, against: str, source: object
) -> dict[str, Any]:
    runs = ledger.groups[group]
    used = [run for run in runs if run.ended] or runs
    between = _between(used, source)
    strategies: defaultdict[str, list[Run]] = defaultdict(list)
    for run in sorted(used, key=lambda run: run.seed):
        strategies[run.strategy].append(run)
    told = baselines(group, ledger.baselines)
    found: dict[str, Any] = {
        "arch": group.arch,
        "n": int(group.n) if group.n.isdecimal() else group.n,
        "start": group.start,
        "settings": settings(group.settings),
        "between": [round(end) for end in between],
        "baselines": told,
        "against": against,
        "strategies": _strategies(strategies, told, between, against),
    }
    weight = found["settings"].get("class_weight")
    warnings = [
        *caveats.of_runs(runs),
        *caveats.of_group(found, strategies),
        *caveats.of_metric(metric, weight, used),
    ]
    return {**found, "warnings": warnings}


def _between(runs: Sequence[Run], source: object) -> tuple[float, float]:
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
    told: Mapping[str, Any],
    between: tuple[float, float],
    against: str,
) -> list[dict[str, Any]]:
    areas = {
        run: area_under_curve(run.labels, run.scores, between=between)
        for runs in strategies.values()
        for run in runs
    }
    others = strategies.get(against, [])
    full = told["paper"] and told["paper"]["mean"]
    found: list[dict[str, Any]] = [
        {
            "strategy": name,
            **_alone(runs, told),
            "area": mean_sd([areas[run] for run in runs]),
            "against": None
            if name == against
            else compared_with(runs, others, areas, full),
        }
        for name, runs in strategies.items()
    ]
    judge([one["against"] for one in found if one["against"]])
    found.sort(key=lambda one: -one["area"]["mean"])
    return found


def _alone(runs: Sequence[Run], told: Mapping[str, Any]) -> dict[str, Any]:
    labels, scores = mean_curve(runs)
    top = int(scores.argmax())
    rounds = min(MEAN_ROUNDS, len(scores))

    def to(baseline: dict[str, Any]) -> dict[str, int | None]:
        targets = {
            str(share): share / 100 * baseline["mean"] - SCORE_TOLERANCE
            for share in SHARES
        }
        return {
            share: labels_to_target(labels, scores, target, rounds=rounds)
            for share, target in targets.items()
        }

    steps = {step for run in runs for step in run.seconds}
    spent = {step: [s for r in runs for s in r.seconds.get(step, ())] for step in steps}
    return {
        "seeds": len(runs),
        "rounds": len(scores),
        "final": mean_sd([float(run.scores[-1]) for run in runs]),
        "peak": {
            "score": round(float(scores[top]), 9),
            "labels": round(float(labels[top])),
        },
        "labels_to": {
            name: to(told[name]) if told[name] else None for name in ("paper", "strong")
        },
        "seconds": {
            step: round(sum(spent[step]) / len(spent[step]), 6)
            for step in sorted(spent)
        },
    }
