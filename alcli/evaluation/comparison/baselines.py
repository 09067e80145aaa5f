"""Baselines: scores of training on the whole pool."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from alcli.evaluation.comparison.runs import Baseline, Group


def baselines_of(group: Group, every: Iterable[Baseline]) -> dict[str, Any]:
    """Return the baselines of a group: `paper`, `strong`, `logreg`, `own`, or None.

    - paper: the group's architecture, trained as the loop trains;
    - strong: the architecture and class weighting with the best mean over seeds;
    - logreg: the best strong baseline of logistic regression;
    - own: the best strong baseline of the group's architecture.

    Each has `arch`, `class_weight` ("" is the loop's), `seeds`, `labels` (mean number),
    `mean`, `sd`. In a ledger of several settings, those count that differ least from
    the group's.
    """
    alike: defaultdict[tuple[str, str, str], list[Baseline]] = defaultdict(list)
    for one in every:
        alike[one.kind, one.arch, one.class_weight].append(one)
    near = [_nearest(group, found) for found in alike.values()]
    own = [found for found in near if found[0].arch == group.arch]
    strong = [found for found in near if found[0].kind == "strong"]
    return {
        "paper": _best([found for found in own if found[0].kind == "paper"]),
        "strong": _best(strong),
        "logreg": _best([found for found in strong if is_logreg(found[0].arch)]),
        "own": _best([found for found in own if found[0].kind == "strong"]),
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


def _nearest(group: Group, found: list[Baseline]) -> list[Baseline]:
    ours = settings(group.settings)
    differ = [count_differences(ours, settings(one.settings)) for one in found]
    return [one for one, by in zip(found, differ, strict=True) if by == min(differ)]


def _best(candidates: list[list[Baseline]]) -> dict[str, Any] | None:
    if not candidates:
        return None
    best = max(candidates, key=lambda found: np.mean([one.score for one in found]))
    return {
        "arch": best[0].arch,
        "class_weight": best[0].class_weight,
        "seeds": len({one.seed for one in best}),
        "labels": round(float(np.mean([one.labels for one in best]))),
        **mean_sd([one.score for one in best]),
    }
