"""Caveats of baselines: overfitted, too weak, or better than a network's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alcli.evaluation.comparison.baselines import count_differences, is_logreg
from alcli.numerics.learning_curves import SCORE_TOLERANCE

EARLY = 0.5  # of the pool's labels: random should not be at the baseline by then
NAMED = 5  # names in a message


def of_baselines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield caveats of the baselines of a group: overfitted, or too weak.

    The paper baseline looks overfitted where random reaches it with less than half of
    its labels. A baseline is too weak where curves end above it.
    """
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
    for name in ("paper", "strong"):
        baseline = found["baselines"][name]
        above = [
            f"{strategy} {final:.3f}"
            for strategy, final in _finals(found).items()
            if baseline and final > baseline["mean"] + SCORE_TOLERANCE
        ]
        if above:
            yield (
                f"curves end above the {name} baseline, {baseline['mean']:.3f} with "
                f"{baseline['labels']:,} labels, too weak to judge savings by: "
                f"{some_of(above)}"
            )


def of_networks(
    found: Mapping[str, Any], groups: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield caveats of an architecture that scores below logistic regression.

    On the whole pool, by either baseline; and at the end of the loop, by the same
    strategy, where both have curves over the same numbers of labels.
    """
    if is_logreg(found["arch"]):
        return
    loses = f"{found['arch']} loses to logistic regression"
    baselines = found["baselines"]
    logreg = baselines["logreg"]
    for name, one in (("paper", baselines["paper"]), ("strong", baselines["own"])):
        if one and logreg and one["mean"] < logreg["mean"]:
            yield (
                f"{loses} on the whole pool: {name} baseline {one['mean']:.3f}, "
                f"{logreg['arch']} {logreg['mean']:.3f}"
            )
    others = [
        other
        for other in groups
        if is_logreg(other["arch"])
        and all(other[key] == found[key] for key in ("n", "start", "between"))
    ]
    if others:
        settings = found["settings"]
        near = min(others, key=lambda o: count_differences(o["settings"], settings))
        ours, theirs = _finals(found), _finals(near)
        lost = [
            f"{name} {ours[name]:.3f} against {theirs[name]:.3f}"
            for name in sorted(ours.keys() & theirs.keys())
            if ours[name] < theirs[name]
        ]
        if lost:
            yield f"{loses} at the end of the loop: {some_of(lost)}"


def some_of(names: Iterable[str]) -> str:
    """Return the first few names, and the number of the others."""
    every = list(names)
    more = f" and {len(every) - NAMED} more" if len(every) > NAMED else ""
    return ", ".join(every[:NAMED]) + more


def _finals(found: Mapping[str, Any]) -> dict[str, float]:
    return {one["strategy"]: one["final"]["mean"] for one in found["strategies"]}
