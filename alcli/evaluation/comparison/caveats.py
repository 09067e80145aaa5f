"""Caveats of a comparison: few seeds, short runs, noisy labels, one class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from alcli.evaluation.comparison.baseline_caveats import of_baselines, some_of
from alcli.evaluation.comparison.paired import mean_curve
from alcli.evaluation.comparison.runs import Run
from alcli.numerics.learning_curves import MEAN_ROUNDS, running_mean
from alcli.numerics.significance import seeds_needed

FEW = 10  # seeds below which randomness weighs much
HARD = 0.9  # an accuracy above which there is little left to rise
FALL = 0.01  # from the peak of a curve to its end
ONE_CLASS = 0.1  # of the rounds, in which a model predicts one class only
SKEWED = 1.5  # records of the largest class for one of the smallest
OF_CLASSES = ("macro_f1", "macro_precision", "macro_recall", "balanced_accuracy")

type Strategies = Mapping[str, Sequence[Run]]


def of_runs(runs: Sequence[Run]) -> Iterator[str]:
    """Yield caveats of single runs: unfinished, or too short."""
    ended = [run for run in runs if run.ended]
    if len(ended) < len(runs):
        what = "left out" if ended else "counted as far as they are"
        names = some_of(f"{r} (round {len(r.labels) - 1})" for r in runs if not r.ended)
        yield f"runs not at their end, {what}: {names}; simulate again to go on"
    used = ended or runs
    most = max(len(run.labels) for run in used)
    short = [f"{run} ({len(run.labels)})" for run in used if len(run.labels) < most]
    if short:
        names = some_of(short)
        yield f"runs of fewer rounds than {most}: {names}; areas end where they do"


def of_group(found: Mapping[str, Any], strategies: Strategies) -> Iterator[str]:
    """Yield caveats of a group: seeds, pairs, baselines, labels.

    Labels look noisy by either of two rules, on three-round running means of the mean
    over seeds: random's accuracy is no higher at its end than a third of its rounds
    before, and below 0.9; or a strategy's score ends 0.01 or more below its peak. Both
    need nine means: runs of eleven rounds.
    """
    yield from _unpaired(strategies, found["against"])
    if few := [f"{name} {len(r)}" for name, r in strategies.items() if len(r) < FEW]:
        yield f"fewer than ten seeds, intervals are too narrow: {some_of(few)}"
    compared = [one for one in found["strategies"] if one["against"]]
    undecided = [
        one["strategy"]
        for one in compared
        if one["against"]["verdict"].startswith("too few")
    ]
    if undecided:
        needed = seeds_needed(len(compared))
        yield (
            f"too few seeds for a verdict: {some_of(undecided)}; {len(compared)} "
            f"compared with {found['against']} need {needed} paired seeds"
        )
    yield from of_baselines(found)
    yield from _one_class(strategies)
    yield from _noisy_accuracy(strategies.get("random", ()))
    yield from _falling_scores(strategies)


def of_metric(metric: str, class_weight: object, runs: Sequence[Run]) -> Iterator[str]:
    """Yield a caveat if the metric weighs classes alike, but training does not."""
    skew = max(record.confusion.skew() for run in runs for record in run.rounds)
    if metric in OF_CLASSES and class_weight == "none" and skew >= SKEWED:
        yield (
            f"{metric} weighs classes alike, training with --class-weight none does "
            f"not (largest class {skew:.1f} x the smallest): class weights may give "
            "for nothing what a strategy seems to save"
        )


def _unpaired(strategies: Strategies, against: str) -> Iterator[str]:
    if against not in strategies:
        yield f'no strategy "{against}": nothing is compared'
        return
    theirs = {run.seed for run in strategies[against]}
    for name, runs in strategies.items():
        if alone := sorted(theirs ^ {run.seed for run in runs}):
            yield (
                f"{name} and {against} are not both there for seeds "
                f"{some_of(map(str, alone))}: left out of the pairs"
            )


def _one_class(strategies: Strategies) -> Iterator[str]:
    names = []
    for name, runs in strategies.items():
        rounds = [record for run in runs for record in run.rounds]
        some = sum(record.confusion.predicted_classes() == 1 for record in rounds)
        if some and some >= ONE_CLASS * len(rounds):
            names.append(f"{name} {some} of {len(rounds)}")
    if names:
        yield (
            f"models predict one class only in many rounds: {some_of(names)}; try "
            "--class-weight balanced, or --start per-class=K"
        )


def _noisy_accuracy(runs: Sequence[Run]) -> Iterator[str]:
    found = [[record.metrics.get("accuracy") for record in run.rounds] for run in runs]
    if accuracy := [values for values in found if None not in values]:
        rounds = min(map(len, accuracy))
        cut = np.array([values[:rounds] for values in accuracy], np.float64)
        means = running_mean(cut.mean(axis=0), MEAN_ROUNDS)
        third = len(means) // 3
        if third >= MEAN_ROUNDS and means[-1 - third] >= means[-1] and means[-1] < HARD:
            yield (
                "labels look noisy: random's accuracy no longer rises in the last "
                f"third of its rounds ({means[-1 - third]:.3f} to {means[-1]:.3f})"
            )


def _falling_scores(strategies: Strategies) -> Iterator[str]:
    fallen = []
    for name, runs in strategies.items():
        labels, scores = mean_curve(runs)
        means = running_mean(scores, MEAN_ROUNDS)
        if len(means) >= MEAN_ROUNDS**2 and means.max() - means[-1] >= FALL:
            top = labels[int(means.argmax()) + MEAN_ROUNDS - 1]
            fallen.append(
                f"{name} {means.max():.3f} with {top:,.0f} labels, {means[-1]:.3f} at "
                "its end"
            )
    if fallen:
        yield (
            f"labels look noisy, or training overfits: scores fall again after a peak: "
            f"{some_of(fallen)}"
        )
