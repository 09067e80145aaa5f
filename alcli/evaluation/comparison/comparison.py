"""A strategy against another, such as random, on the seeds that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

type Floats = NDArray[np.float64]


def stacked(runs: Sequence[Run]) -> tuple[Floats, Floats]:
    """Return labels and scores, (seeds, rounds): the rounds that all runs have."""
    rounds = min(len(run.labels) for run in runs)
    return (
        np.stack([run.labels[:rounds] for run in runs]),
        np.stack([run.scores[:rounds] for run in runs]),
    )


def mean_curve(runs: Sequence[Run]) -> tuple[Floats, Floats]:
    """Return labels and scores, (rounds,): of each round the mean of the seeds."""
    labels, scores = stacked(runs)
    return labels.mean(axis=0), scores.mean(axis=0)


def against(
    runs: Sequence[Run],
    others: Sequence[Run],
    areas: Mapping[Run, float],
    full: float | None,
) -> dict[str, Any] | None:
    """Return the comparison of a strategy with another; None: they share no seed.

    full: the score with all labels, of the paper baseline. Returned: `seeds` (how many
    both have), `area` (mean paired difference), `interval` (95 %, see `mean_interval`),
    `p` (see `wilcoxon`), `saving`: `score` (what the other ends with), `labels` and
    `other_labels` to it (None: never), `share` saved and its 95 % `interval`, seeds
    drawn with replacement (an end is None where resamples never get there), and
    `deficiency`: "undefined" where the other passes `full`, None without it.
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


def judge(compared: Sequence[dict[str, Any]]) -> None:
    """Add `p_holm` and a `verdict` to what `against` returned of a group.

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
    curves = *stacked(runs), *stacked(others)

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
