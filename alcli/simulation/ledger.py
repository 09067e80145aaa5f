"""Ledger of a simulation: a curve file, from which its runs are resumed."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from alcli.core.errors import InputError
from alcli.core.jsonl import Record
from alcli.evaluation.comparison.runs import VERSION
from alcli.evaluation.curve import read
from alcli.simulation.plan import RunSpec
from alcli.simulation.round import POOL, first_met_criterion


def completed_rounds(
    path: str, runs: Mapping[str, RunSpec], data: str, until: Sequence[str]
) -> dict[RunSpec, list[Record]]:
    """Return the completed rounds of each run, up to the first missing one.

    path: ledger, which need not exist. runs: run id (in its `tags`) -> run. data:
    fingerprint of the records. until: stopping criteria; the last round of a run that
    another criterion ended is dropped, and so played again: its record names no next
    batch. Records of other runs are ignored.

    Raises:
        InputError: the file has other records than those of `alcli simulate`, or curves
            of other data, or of a strategy whose code has changed.
    """
    curves: dict[RunSpec, list[Record]] = {run: [] for run in runs.values()}
    records = read(path) if os.path.isfile(path) else []
    found: defaultdict[str, dict[int, Record]] = defaultdict(dict)
    code = {(run.strategy, run.start, run.arch): run.code for run in curves}
    for record in records:
        tags = record.get("tags", {})
        if problem := _mismatch(tags, data) or _changed_code(tags, code):
            raise InputError(f"{problem}; give --append another file", source=path)
        if tags["run"] in runs:
            found[tags["run"]][int(tags.get("round", 0))] = record
    for name, rounds in found.items():
        curve = list(_leading_rounds(rounds))
        if curve and curve[-1]["tags"].get("ended", POOL) not in ("", POOL):
            del curve[len(curve) - (not first_met_criterion(curve, until)) :]
        curves[runs[name]] = curve
    return curves


def _mismatch(tags: Record, data: str) -> str:
    if "run" not in tags:
        return "has a record that `alcli simulate` did not write"
    if tags.get("simulate") != VERSION:
        return f"was written by another version of alcli ({tags.get('simulate')})"
    if tags.get("data") != data:
        return "has curves of other data, or of another test set"
    return ""


def _changed_code(tags: Record, code: Mapping[tuple[str, str, str], str]) -> str:
    """Return a message if the curve is of an older version of a plug-in file, or ""."""
    key = tags.get("strategy", ""), tags.get("start", ""), tags.get("arch", "")
    same = tags.get("code", "") == code.get(key, tags.get("code", ""))
    return "" if same else f"has curves of {key[0]} before its file was changed"


def _leading_rounds(rounds: dict[int, Record]) -> Iterable[Record]:
    number = 0
    while number in rounds:
        yield rounds[number]
        number += 1
