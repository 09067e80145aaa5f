"""Paired comparison of a strategy with another, such as random, on shared seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from alcli.core.types import Floats
from alcli.evaluation.comparison.runs import Run
from alcli.numerics.learning_curves import (
    LabelSaving,
    deficiency,
    labels_at_equal_score,
)
from alcli.numerics.significance import (
    ALPHA,
    bootstrap_over_seeds,
    holm,
    mean_interval,
    too_few_seeds,
    wilcoxon,
)


def stack_runs(runs: Sequence[Run]) -> tuple[Floats, Floats]:
    """Return labels and scores, (seeds, rounds), of the rounds that all runs have."""
    rounds = min(len(run.labels) for run in runs)
    return (
        np.stack([run.labels[:rounds] for run in runs]),
        np.stack([run.scores[:rounds] for run in runs]),
    )


def mean_curve(runs: Sequence[Run]) -> tuple[Floats, Floats]:
    """Return labels and scores, (rounds,): the mean over the seeds of each round."""
    labels, scores = stack_runs(runs)
    return labels.mean(axis=0), scores.mean(axis=0)


def compare_runs(
    runs: Sequence[Run],
    others: Sequence[Run],
    areas: Mapping[Run, float],
    full: float | None,
) -> dict[str, Any] | None:
    """Return the comparison of a strategy with another, or None without shared seeds.

    areas: area under the curve of each run. full: score with all labels, of the paper
    baseline. Returned:

    - seeds: number of shared seeds;
    - area: mean paired difference, interval: 95 % (see `mean_interval`), p: see
      `wilcoxon`;
    - saving: score (the other's last), labels and other_labels that reach it (None:
      never), share saved and its 95 % interval under bootstrap of the seeds (an end is
      None where resamples never reach the score);
    - deficiency: None without `full`, "undefined" where the other exceeds it.
    """
    ours, theirs = ({run.seed: run for run in group} for group in (runs, others))
    seeds = sorted(ours.keys() & theirs.keys())
    if not seeds:
        return None
    pairs = [ours[seed] for seed in seeds], [theirs[seed] for seed in seeds]
    differences = [areas[a] - areas[b] for a, b in zip(*pairs, strict=True)]
    low, high = mean_interval(differences)
    return {
        "seeds": len(seeds),
        "area": round(float(np.mean(differences)), 9),
        "interval": [round(low, 9), round(high, 9)],
        "p": wilcoxon(differences),
        "saving": _saving(*pairs),
        "deficiency": _deficiency(*pairs, full),
    }


def add_verdicts(compared: Sequence[dict[str, Any]]) -> None:
    """Add `p_holm` and `verdict` to the comparisons of a group, in place.

    The verdict: better, worse (by the mean difference), no difference found, or too few
    seeds, where no result at all could have been significant.
    """
    adjusted = holm([one["p"] for one in compared])
    for one, p in zip(compared, adjusted, strict=True):
        if p < ALPHA:
            verdict = "better" if one["area"] > 0 else "worse"
        elif too_few_seeds(one["seeds"], len(compared)):
            verdict = "too few seeds for a verdict"
        else:
            verdict = "no difference found"
        one |= {"p_holm": p, "verdict": verdict}


def _saving(runs: Sequence[Run], others: Sequence[Run]) -> dict[str, Any]:
    curves = *stack_runs(runs), *stack_runs(others)

    def at(weights: Floats) -> LabelSaving:
        return labels_at_equal_score(*(weights @ curve for curve in curves))

    point = at(np.full((1, len(runs)), 1 / len(runs)))
    low, high = bootstrap_over_seeds(lambda weights: at(weights).share, len(runs))
    labels = float(point.labels[0])
    return {
        "score": round(float(point.score[0]), 9),
        "labels": None if np.isnan(labels) else round(labels),
        "other_labels": round(float(point.random[0])),
        "share": _finite(float(point.share[0])),
        "interval": [_finite(low), _finite(high)],
    }


def _deficiency(
    runs: Sequence[Run], others: Sequence[Run], full: float | None
) -> float | str | None:
    if full is None:
        return None
    (_, ours), (_, theirs) = mean_curve(runs), mean_curve(others)
    rounds = min(len(ours), len(theirs))
    found = deficiency(ours[:rounds], theirs[:rounds], full)
    return "undefined" if found is None else round(found, 9)


def _finite(share: float) -> float | None:
    return round(share, 9) if np.isfinite(share) else None
