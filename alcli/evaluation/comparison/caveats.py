"""Caveats of a comparison: few seeds, noisy labels, weak baselines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from alcli.evaluation.comparison.baselines import differing, is_logreg
from alcli.evaluation.comparison.comparison import mean_curve
from alcli.evaluation.comparison.runs import Run
from alcli.numerics.learning_curves import MEAN_ROUNDS, SCORE_TOLERANCE, running_mean
from alcli.numerics.significance import seeds_needed

FEW = 10  # seeds below which chance weighs much
EARLY = 0.5  # of the pool's labels: random should not be at the baseline by then
HARD = 0.9  # an accuracy above which there is little left to rise
FALL = 0.01  # from the peak of a curve to its end
ONE_CLASS = 0.1  # of the rounds, in which a model predicts one class only
SKEWED = 1.5  # records of the largest class for one of the smallest
OF_CLASSES = ("macro_f1", "macro_precision", "macro_recall", "balanced_accuracy")
SHOWN = 5


def of_runs(runs: Sequence[Run]) -> Iterator[str]:
    """Yield caveats of single runs: not at their end, or too short."""
    open_ends = [run for run in runs if not run.ended]
    ended = [run for run in runs if run.ended]
    if open_ends:
        what = "left out" if ended else "counted as far as they are"
        names = _some(f"{run} (round {len(run.labels) - 1})" for run in open_ends)
        yield f"runs not at their end, {what}: {names}; simulate again to go on"
    used = ended or runs
    most = max(len(run.labels) for run in used)
    short = [run for run in used if len(run.labels) < most]
    if short:
        names = _some(f"{run} ({len(run.labels)})" for run in short)
        yield f"runs of fewer rounds than {most}: {names}; areas end where they do"


def of_group(
    found: Mapping[str, Any], strategies: Mapping[str, Sequence[Run]]
) -> Iterator[str]:
    """Yield caveats of a group: seeds, pairs, baselines, labels.

    A baseline is too weak where curves end above it. It looks overfitted where random
    reaches the paper baseline with less than half of its labels. Labels look noisy by
    either of two rules, on three-round running means of the mean of the seeds: random's
    accuracy is no higher at its end than a third of its rounds before, and below 0.9;
    or a strategy's score ends 0.01 or more below its peak. Both need nine means: runs
    of eleven rounds.
    """
    yield from _pairs(strategies, found["against"])
    few = {name: len(runs) for name, runs in strategies.items() if len(runs) < FEW}
    if few:
        names = _some(f"{name} {seeds}" for name, seeds in few.items())
        yield f"fewer than ten seeds, intervals are too narrow: {names}"
    compared = [one for one in found["strategies"] if one["against"]]
    weak = [
        one["strategy"]
        for one in compared
        if one["against"]["verdict"].startswith("too few")
    ]
    if weak:
        yield (
            f"too few seeds for a verdict: {_some(weak)}; {len(compared)} compared "
            f"with {found['against']} need {seeds_needed(len(compared))} paired seeds"
        )
    yield from _overfitted(found)
    yield from _above_baselines(found)
    yield from _one_class(strategies)
    yield from _noisy(strategies)


def of_networks(
    found: Mapping[str, Any], groups: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield where an architecture scores below logistic regression on the same data.

    On the whole pool, by either baseline; and at the end of the loop, by the same
    strategy, where both have gone over the same numbers of labels.
    """
    if is_logreg(found["arch"]):
        return
    loses = f"{found['arch']} loses to logistic regression"
    told = found["baselines"]
    for name, one in (("paper", told["paper"]), ("strong", told["own"])):
        if one and told["logreg"] and one["mean"] < told["logreg"]["mean"]:
            yield (
                f"{loses} on the whole pool: {name} baseline {one['mean']:.3f}, "
                f"{told['logreg']['arch']} {told['logreg']['mean']:.3f}"
            )
    same = ("n", "start", "between")
    others = [
        other
        for other in groups
        if is_logreg(other["arch"]) and all(other[at] == found[at] for at in same)
    ]
    if others:
        settings = found["settings"]
        near = min(others, key=lambda other: differing(other["settings"], settings))
        ours, theirs = _finals(found), _finals(near)
        lost = [
            f"{name} {ours[name]:.3f} against {theirs[name]:.3f}"
            for name in ours.keys() & theirs.keys()
            if ours[name] < theirs[name]
        ]
        if lost:
            yield f"{loses} at the end of the loop: {_some(sorted(lost))}"


def _finals(found: Mapping[str, Any]) -> dict[str, float]:
    return {one["strategy"]: one["final"]["mean"] for one in found["strategies"]}


def _pairs(strategies: Mapping[str, Sequence[Run]], against: str) -> Iterator[str]:
    if against not in strategies:
        yield f'no strategy "{against}": nothing is compared'
        return
    theirs = {run.seed for run in strategies[against]}
    for name, runs in strategies.items():
        if alone := sorted(theirs ^ {run.seed for run in runs}):
            yield (
                f"{name} and {against} are not both there for seeds "
                f"{_some(map(str, alone))}: left out of the pairs"
            )


def _overfitted(found: Mapping[str, Any]) -> Iterator[str]:
    paper = found["baselines"]["paper"]
    for one in found["strategies"]:
        if one["strategy"] == "random" and paper:
            labels = one["labels_to"]["paper"]["100"]
            if labels is not None and labels < EARLY * paper["labels"]:
                yield (
                    f"the paper baseline looks overfitted: random reaches its "
                    f"{paper['mean']:.3f} ({paper['labels']:,} labels) with "
                    f"{labels:,}; to reach it proves little"
                )


def _above_baselines(found: Mapping[str, Any]) -> Iterator[str]:
    for name in ("paper", "strong"):
        baseline = found["baselines"][name]
        above = [
            f"{one['strategy']} {one['final']['mean']:.3f}"
            for one in found["strategies"]
            if baseline and one["final"]["mean"] > baseline["mean"] + SCORE_TOLERANCE
        ]
        if above:
            yield (
                f"curves end above the {name} baseline, {baseline['mean']:.3f} with "
                f"{baseline['labels']:,} labels, too weak to judge savings by: "
                f"{_some(above)}"
            )


def _one_class(strategies: Mapping[str, Sequence[Run]]) -> Iterator[str]:
    shares = {
        name: (sum(r.one_class for r in runs), sum(len(r.labels) for r in runs))
        for name, runs in strategies.items()
    }
    names = [
        f"{name} {some} of {every}"
        for name, (some, every) in shares.items()
        if some >= ONE_CLASS * every and some
    ]
    if names:
        yield (
            f"models predict one class only in many rounds: {_some(names)}; try "
            "--class-weight balanced, or --start per-class=K"
        )


def of_metric(metric: str, class_weight: object, runs: Sequence[Run]) -> Iterator[str]:
    """Yield a warning where the metric weighs classes alike, but training does not."""
    skew = max(run.skew for run in runs)
    if metric in OF_CLASSES and class_weight == "none" and skew >= SKEWED:
        yield (
            f"{metric} weighs classes alike, training with --class-weight none does "
            f"not (largest class {skew:.1f} x the smallest): class weights may give "
            "for nothing what a strategy seems to save"
        )


def _noisy(strategies: Mapping[str, Sequence[Run]]) -> Iterator[str]:
    accuracy = [
        run.accuracy for run in strategies.get("random", ()) if run.accuracy is not None
    ]
    if accuracy:
        rounds = min(map(len, accuracy))
        means = running_mean(
            np.mean([a[:rounds] for a in accuracy], axis=0), MEAN_ROUNDS
        )
        third = len(means) // 3
        if third >= MEAN_ROUNDS and means[-1 - third] >= means[-1] and means[-1] < HARD:
            yield (
                "labels look noisy: random's accuracy no longer rises in the last "
                f"third of its rounds ({means[-1 - third]:.3f} to {means[-1]:.3f})"
            )
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
            f"{_some(fallen)}"
        )


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more
