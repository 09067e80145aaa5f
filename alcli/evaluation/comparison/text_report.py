"""Text of a summary: titles, sentences, warnings, and the rows of a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from alcli.evaluation.comparison.summary import SHARES

BASELINE = "strong"  # of the table
NONE = "-"


def titles(summary: Mapping[str, Any]) -> list[str]:
    """Return the title of each group: architecture, batch size, start strategy.

    Groups of equal titles also get the settings in which they differ.
    """
    groups = summary["groups"]
    heads = [f"{g['arch']}, {g['n']} a round, start {g['start']}" for g in groups]
    alike: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for head, group in zip(heads, groups, strict=True):
        alike[head].append(group["settings"])
    return [
        ", ".join([head, *_differences(group["settings"], alike[head])])
        for head, group in zip(heads, groups, strict=True)
    ]


def sentences(group: Mapping[str, Any]) -> list[str]:
    """Return a sentence on each baseline, then on each strategy that is compared."""
    baselines = group["baselines"]
    names = ["paper", "strong", "logreg"]
    if baselines["logreg"] == baselines["strong"]:
        names.remove("logreg")
    return [
        *(_baseline(name, baselines[name]) for name in names if baselines[name]),
        *(
            _strategy(one, group["against"])
            for one in group["strategies"]
            if one["against"]
        ),
    ]


def warnings(summary: Mapping[str, Any]) -> list[str]:
    """Return the warnings of all groups; with their titles, if there are several."""
    groups, names = summary["groups"], titles(summary)
    return [
        f"{name}: {text}" if len(groups) > 1 else text
        for group, name in zip(groups, names, strict=True)
        for text in group["warnings"]
    ]


def table(group: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return column names, and a row of strings for each strategy of a group.

    Labels to 95, 98, 99, 100 % are of the strong baseline, p is after Holm; seconds are
    means per round.
    """
    columns = ["strategy", "seeds", "area", f"+/- {group['against']}", "p"]
    columns += [f"to {share} %" for share in SHARES]
    columns += ["saving", "final score", "select s", "train s"]
    return columns, [_row(one) for one in group["strategies"]]


def _differences(
    ours: Mapping[str, Any], alike: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return the settings of a group that another of its title has otherwise."""
    names = sorted({name for settings in alike for name in settings})
    return [
        f"{name} {ours.get(name)}"
        for name in names
        if any(settings.get(name) != ours.get(name) for settings in alike)
    ]


def _row(one: Mapping[str, Any]) -> list[str]:
    compared = one["against"]
    saved = compared and compared["saving"]["share"]
    reached = one["labels_to"][BASELINE] or {}
    return [
        one["strategy"],
        str(one["seeds"]),
        _mean_sd(one["area"]),
        f"{compared['area']:+.4f}" if compared else NONE,
        f"{compared['p_holm']:.2g}" if compared else NONE,
        *(_count(reached.get(str(share))) for share in SHARES),
        NONE if saved is None else f"{_percent(saved)} %",
        _mean_sd(one["final"]),
        *(_seconds(one["seconds"].get(step)) for step in ("select", "train")),
    ]


def _baseline(name: str, one: Mapping[str, Any]) -> str:
    weight = one["class_weight"]
    weighted = f" (class weight {weight})" if weight else ""
    return (
        f"{name} baseline: {_mean_sd(one)} by {one['arch']}{weighted} with "
        f"{one['labels']:,} labels, {_seeds(one['seeds'])}."
    )


def _strategy(one: Mapping[str, Any], other: str) -> str:
    compared = one["against"]
    verdict, difference, interval = (
        compared[name] for name in ("verdict", "area", "interval")
    )
    if verdict in ("better", "worse"):
        begins = f"{verdict} than {other} by {abs(difference):.3f} of area"
    else:
        begins = f"{verdict}: {_short(difference)} of area beside {other}"
    sign = -1 if verdict == "worse" else 1
    low, high = (_short(end) for end in sorted(sign * end for end in interval))
    p = f"p = {compared['p_holm']:.2g} after Holm"
    return (
        f"{one['strategy']}: {begins} (95 % {low} to {high}, {p}, "
        f"{_seeds(compared['seeds'])}); {_saves(compared['saving'], other)}."
    )


def _saves(saving: Mapping[str, Any], other: str) -> str:
    labels, theirs, share = (
        saving[name] for name in ("labels", "other_labels", "share")
    )
    if labels is None:
        return f"does not reach {other}'s last score, {saving['score']:.3f}, for good"
    reached = f"reaches {other}'s last score with {labels:,} labels"
    low, high = saving["interval"]
    ends = f"{_percent(low)} to {_percent(high)} %"
    if low is None:
        ends = f"at most {_percent(high)} %, in some resamples it never gets there"
    if labels == theirs:
        return f"{reached}, as {other} does (saves {_percent(share)} %, {ends})"
    return f"{reached} instead of {theirs:,} (saves {_percent(share)} %, {ends})"


def _short(number: float) -> str:
    return f"{round(number, 3) + 0.0:.3f}"  # + 0.0: no -0.000


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{round(100 * share)}"


def _mean_sd(of: Mapping[str, Any]) -> str:
    sd = "" if of["sd"] is None else f" ± {of['sd']:.3f}"
    return f"{of['mean']:.3f}{sd}"


def _count(labels: int | None) -> str:
    return NONE if labels is None else f"{labels:,}"


def _seconds(spent: float | None) -> str:
    return NONE if spent is None else f"{spent:.2f}"


def _seeds(number: int) -> str:
    return f"{number} seed{'s' * (number != 1)}"
