"""Baselines: scores of training on the whole pool."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from alcli.evaluation.comparison.runs import Group
from alcli.evaluation.curve.schema import SimulatedRecord


def baselines_of(
    group: Group, records: Iterable[SimulatedRecord], metric: str
) -> dict[str, Any]:
    """Return the baselines of a group: `paper`, `strong`, `logreg`, `own`, or None.

    - paper: the group's architecture, trained as the loop trains;
    - strong: the architecture and class weighting with the best mean over seeds;
    - logreg: the best strong baseline of logistic regression;
    - own: the best strong baseline of the group's architecture.

    Each has `arch`, `class_weight` ("" is the loop's), `seeds`, `labels` (mean number),
    `mean`, `sd`. In a ledger of several settings, those count that differ least from
    the group's.
    """
    alike: defaultdict[tuple[str, str, str], list[SimulatedRecord]] = defaultdict(list)
    for one in records:
        alike[one.tags.baseline or "", one.tags.arch, one.tags.class_weight].append(one)
    near = {key: _nearest(group, found) for key, found in alike.items()}

    def best(kind: str, fits: Callable[[str], bool]) -> dict[str, Any] | None:
        keys = [key for key in near if key[0] == kind and fits(key[1])]
        return _best([near[key] for key in keys], metric)

    def is_own(arch: str) -> bool:
        return arch == group.arch

    return {
        "paper": best("paper", is_own),
        "strong": best("strong", lambda arch: True),
        "logreg": best("strong", is_logreg),
        "own": best("strong", is_own),
    }


def is_logreg(arch: str) -> bool:
    """Check whether an architecture is logistic regression, with any parameters."""
    return arch.split(",")[0] == "logreg"


def mean_sd(values: Sequence[float]) -> dict[str, float | None]:
    """Return `mean` and `sd` (of a sample: n - 1); one value has no sd."""
    x = np.asarray(values, np.float64)
    sd = round(float(x.std(ddof=1)), 9) if len(x) > 1 else None
    return {"mean": round(float(x.mean()), 9), "sd": sd}


def settings(text: str) -> dict[str, Any]:
    """Return the settings of a tag as an object; empty if they are not JSON."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def count_differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> int:
    """Count the settings that both have, with different values."""
    return sum(theirs[name] != ours[name] for name in theirs.keys() & ours.keys())


def _nearest(group: Group, found: list[SimulatedRecord]) -> list[SimulatedRecord]:
    ours = settings(group.settings)
    differ = [count_differences(ours, settings(one.tags.settings)) for one in found]
    return [one for one, by in zip(found, differ, strict=True) if by == min(differ)]


def _best(
    candidates: list[list[SimulatedRecord]], metric: str
) -> dict[str, Any] | None:
    if not candidates:
        return None
    scores = [[one.metrics[metric] for one in found] for found in candidates]
    place = int(np.argmax([np.mean(values) for values in scores]))
    best = candidates[place]
    return {
        "arch": best[0].tags.arch,
        "class_weight": best[0].tags.class_weight,
        "seeds": len({one.tags.seed for one in best}),
        "labels": round(float(np.mean([one.labels for one in best]))),
        **mean_sd(scores[place]),
    }
