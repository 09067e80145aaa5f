"""Tables of README.md, between its marks, from results.jsonl.

Usage: python -m examples.strategies.tables results.jsonl README.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from examples.common.records import read_records
from examples.common.tables import table, write_tables

SHARES = ("95", "99")
BEFORE = ""  # records of version 0.1 do not name their class weights
WEIGHTS = "capped"
SIMPLE = ("random", "margin", "entropy", "least-confidence", "lda")
NEVER = "-"


def main(results: Path, readme: Path) -> None:
    """Write the tables; the last run on a data set with a model counts."""
    runs: dict[tuple[str, str, str], dict[str, Any]] = {}
    stops: dict[tuple[str, str], dict[str, Any]] = {}
    for run in read_records(results):
        if "criteria" in run:
            stops[run["data"], run["arch"]] = run
        else:
            runs[run["data"], run["arch"], run.get("class_weight", BEFORE)] = run
    lines = list(before_and_after(runs))
    shown = [key for key in sorted(runs) if key[1] != "logreg" or key[2] == WEIGHTS]
    lines += [line for key in shown for line in about(runs[key])]
    lines += [line for key in sorted(stops) for line in stopping(stops[key])]
    write_tables(readme, "\n".join(lines))


def before_and_after(
    runs: Mapping[tuple[str, str, str], dict[str, Any]],
) -> Iterator[str]:
    """Yield a table of the savings with and without class weights and new features."""
    names = {BEFORE: "before", "none": "now, no class weights", WEIGHTS: "now"}
    yield "**logreg, before and after**"
    yield ""
    heads = ["data", "defaults", "labels", "paper baseline", "strong baseline"]
    rows = []
    for (data, arch, weight), run in sorted(
        runs.items(), key=lambda item: (item[0][0], [*names].index(item[0][2]))
    ):
        if arch == "logreg":
            found = {one["strategy"]: one for one in run["strategies"]}
            cells = [data, names[weight], "{:,} to {:,}".format(*run["between"])]
            cells += [points(run["baselines"][name]) for name in ("paper", "strong")]
            cells += [brief(found[name]) for name in SIMPLE]
            rows.append(cells)
    yield from table([*heads, *SIMPLE], rows)
    yield ""


def brief(one: Mapping[str, Any]) -> str:
    """Return area, last score, and the share of labels saved against random."""
    beside = one["against_random"]
    share = beside and beside["saving"]["share"]
    saves = "" if share is None else f", saves {share:.0%}"
    return f"{100 * one['area']['mean']:.1f} / {100 * one['final']['mean']:.1f}{saves}"


def about(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines on one data set and model."""
    first, last = run["between"]
    head = f"**{run['data']}, {run['arch']}**"
    yield f"{head}: {run['n']} a round, {first:,} to {last:,} labels"
    yield ""
    for name in ("paper", "strong", "logreg"):
        one = run["baselines"][name]
        if one and (name != "logreg" or one != run["baselines"]["strong"]):
            yield (
                f"- {name} baseline: {points(one)} by {one['arch']}, "
                f"{one['labels']:,} labels, {one['seeds']} seeds"
            )
    for warning in run["warnings"]:
        yield f"- {warning}"
    yield ""
    heads = ["strategy", "area", "beside random", "p (Holm)", "beside margin"]
    heads += [f"labels to {share} %" for share in SHARES]
    heads += ["saves", "last score", "select, s", "train, s", "memory"]
    yield from table(heads, [row(one) for one in run["strategies"]])
    yield ""
    yield (
        f"{run['rounds']:,} rounds, {run['steps']:,} s of work; {run['commit']}; "
        f"{run['machine']}"
    )
    yield ""


def stopping(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines on the stops of all criteria, on the runs of one model."""
    yield f"**{run['data']}, {run['arch']}: when to stop**"
    yield ""
    heads = ["criterion", "stops", "at labels", "best at", "score lost", "most"]
    heads += ["of margin: stops", "at labels", "best at", "score lost"]
    rows = [
        [name, *stop(found["all"], most=True), *stop(found["margin"])]
        for name, found in run["criteria"].items()
    ]
    yield from table(heads, rows)
    yield ""
    yield f"{run['commit']}; {run['machine']}"
    yield ""


def stop(found: Mapping[str, Any], *, most: bool = False) -> Sequence[str]:
    """Return the cells of a criterion: stopped runs, labels at the stop, score lost."""
    share = f"{found['stopped']} of {found['runs']}"
    names = ["lost", "most_lost"] if most else ["lost"]
    if not found["stopped"]:
        return [share, NEVER, NEVER, *(NEVER for _ in names)]
    at = [count(found["labels"]), count(found["labels_of_best"])]
    return [share, *at, *(f"{100 * found[name]:.1f}" for name in names)]


def row(one: Mapping[str, Any]) -> Sequence[str]:
    """Return the cells of a strategy; scores are in per cent."""
    reached, spent = one["labels_to"]["strong"] or {}, one["seconds"]
    chosen = spent.get("select", 0) + spent.get("score", 0)
    return [
        one["strategy"],
        points(one["area"]),
        difference(one["against_random"]),
        verdict(one["against_random"]),
        difference(one.get("against_margin")),
        *(count(reached.get(share)) for share in SHARES),
        saved(one["against_random"]),
        points(one["final"]),
        f"{chosen:.2f}",
        f"{spent['train']:.2f}",
        f"{one['memory'] / 1e6:,.0f} MB" if one.get("memory") else NEVER,
    ]


def difference(beside: Mapping[str, Any] | None) -> str:
    """Return the difference of area with its interval, in points."""
    if not beside:
        return NEVER
    low, high = beside["interval"]
    return f"{100 * beside['area']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def verdict(beside: Mapping[str, Any] | None) -> str:
    """Return the p-value, and the verdict."""
    return f"{beside['p_holm']:.2g}, {beside['verdict']}" if beside else NEVER


def saved(beside: Mapping[str, Any] | None) -> str:
    """Return the share of labels saved at random's last score, with its interval."""
    if not beside or beside["saving"]["share"] is None:
        return NEVER
    ends = [NEVER if x is None else f"{x:.0%}" for x in beside["saving"]["interval"]]
    return f"{beside['saving']['share']:.0%} ({' to '.join(ends)})"


def points(of: Mapping[str, Any]) -> str:
    """Return mean and standard deviation in per cent."""
    spread = "" if of["sd"] is None else f" ± {100 * of['sd']:.1f}"
    return f"{100 * of['mean']:.1f}{spread}"


def count(labels: int | None) -> str:
    """Return a number of labels."""
    return NEVER if labels is None else f"{labels:,}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
