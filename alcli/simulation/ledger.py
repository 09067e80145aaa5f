"""The curve file of a simulation: what stands there is done."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from alcli.core.errors import InputError
from alcli.core.jsonl import Record
from alcli.evaluation.comparison.runs import VERSION
from alcli.evaluation.curve import read
from alcli.simulation.plan import Run
from alcli.simulation.round import POOL, enough


def done(
    path: str, runs: Mapping[str, Run], data: str, until: Sequence[str]
) -> dict[Run, list[Record]]:
    """Return the rounds that each run has, up to the first that is missing.

    path: of the ledger; there may be none yet. runs: by the name in their `tags`. data:
    what `tags` call the records. until: where a run was ended by none of these, its
    last round is played again, to go on from. What is not asked for stays there.

    Raises:
        InputError: something else stands in the file, curves of other data, or of a
            strategy whose code has changed.
    """
    curves: dict[Run, list[Record]] = {run: [] for run in runs.values()}
    records = read(path) if os.path.isfile(path) else []
    found: defaultdict[str, dict[int, Record]] = defaultdict(dict)
    code = {(run.strategy, run.start, run.arch): run.code for run in curves}
    for record in records:
        tags = record.get("tags", {})
        if problem := _problem(tags, data) or _changed(tags, code):
            raise InputError(f"{problem}; give --append another file", source=path)
        if tags["run"] in runs:
            found[tags["run"]][int(tags.get("round", 0))] = record
    for name, rounds in found.items():
        curve = list(_from_the_start(rounds))
        if curve and curve[-1]["tags"].get("ended", POOL) not in ("", POOL):
            del curve[len(curve) - (not enough(curve, until)) :]
        curves[runs[name]] = curve
    return curves


def _problem(tags: Record, data: str) -> str:
    if "run" not in tags:
        return "has a record that `alcli simulate` did not write"
    if tags.get("simulate") != VERSION:
        return f"was written by another version of alcli ({tags.get('simulate')})"
    if tags.get("data") != data:
        return "has curves of other data, or of another test set"
    return ""


def _changed(tags: Record, code: Mapping[tuple[str, str, str], str]) -> str:
    """Say so if a curve was made with a strategy's older code."""
    of = tags.get("strategy", ""), tags.get("start", ""), tags.get("arch", "")
    same = tags.get("code", "") == code.get(of, tags.get("code", ""))
    return "" if same else f"has curves of {of[0]} before its file was changed"


def _from_the_start(rounds: dict[int, Record]) -> Iterable[Record]:
    number = 0
    while number in rounds:
        yield rounds[number]
        number += 1
