"""Runs of `alcli simulate`, read from its ledger: rounds in order, and baselines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np

from alcli.core.errors import InputError
from alcli.core.jsonl import Record
from alcli.core.types import Floats
from alcli.evaluation.curve.schema import RunTags, SimulatedRecord

VERSION = "2"  # of the tags that `simulate` writes
READABLE = ("1", VERSION)

type Rounds = dict[int, SimulatedRecord]


class Group(NamedTuple):
    """Settings shared by runs whose strategies are compared."""

    arch: str
    n: str
    start: str
    settings: str


@dataclass(frozen=True, eq=False)
class Run:
    """One strategy, one seed: rounds in order, `labels` and `scores`, (rounds,)."""

    strategy: str
    seed: int
    rounds: list[SimulatedRecord]
    labels: Floats
    scores: Floats

    @property
    def ended(self) -> bool:
        """Whether the last round names no next batch."""
        return self.rounds[-1].tags.next == ""

    def __str__(self) -> str:
        return f"{self.strategy}, seed {self.seed}"


@dataclass(frozen=True)
class Runs:
    """All runs and baselines of a ledger, of one set of data.

    baselines: trainings on the whole pool, `paper` (as the loop trains) and `strong`.
    """

    data: str
    groups: dict[Group, list[Run]]
    baselines: list[SimulatedRecord]


def gather(records: Iterable[Record], *, metric: str, source: object = "") -> Runs:
    """Return the runs and baselines of curve records; the last of a round counts.

    source: the file, for messages.

    Raises:
        InputError: no round of a run, a record that `alcli simulate` of this version
            did not write, several sets of data, a strategy before and after its file
            was changed, an unknown metric, a round missing in a run, or labels that do
            not increase.
    """
    try:
        return _gather(records, metric)
    except InputError as error:
        raise InputError(error.problem, source=source) from None


def _gather(records: Iterable[Record], metric: str) -> Runs:
    runs: defaultdict[tuple[Group, str, int], Rounds] = defaultdict(dict)
    baselines: dict[tuple[str, str, str, int, str], SimulatedRecord] = {}
    data: dict[str, None] = {}
    for raw in records:
        record = _decode(raw)
        tags = record.tags
        data[tags.data] = None
        if metric not in record.metrics:
            known = ", ".join(record.metrics)
            raise InputError(f'the curve has no metric "{metric}", but: {known}')
        if tags.baseline:
            key = tags.baseline, tags.arch, tags.class_weight, tags.seed, tags.settings
            baselines[key] = record
            continue
        if tags.strategy is None or tags.round < 0:
            raise InputError(f"run {tags.run}: a record has no tags.strategy and round")
        group = Group(tags.arch, tags.n, tags.start, tags.settings)
        rounds = runs[group, tags.strategy, tags.seed]
        other = next(iter(rounds.values()), record).tags.run
        if other != tags.run and len(data) == 1:
            raise InputError(
                f"{_name(tags)} is of other code than run {other}; keep one: "
                f"jq -c 'select(.tags.run != \"{tags.run}\")'"
            )
        rounds[tags.round] = record
    if len(data) > 1:
        raise InputError(
            f"curves of {len(data)} sets of data are mixed ({', '.join(data)}); keep "
            f"one: jq -c 'select(.tags.data == \"{next(iter(data))}\")'"
        )
    if not runs:
        what = "baselines alone, no round of a strategy" if baselines else "no records"
        raise InputError(f"{what}; is this what `alcli simulate --append` wrote?")
    groups: defaultdict[Group, list[Run]] = defaultdict(list)
    for (group, strategy, seed), rounds in runs.items():
        groups[group].append(_run(strategy, seed, rounds, metric))
    return Runs(next(iter(data)), dict(groups), list(baselines.values()))


def _decode(raw: Record) -> SimulatedRecord:
    tags = raw.get("tags")
    where = f" (key {raw['key']})" if "key" in raw else ""
    if not isinstance(tags, dict) or "run" not in tags:
        raise InputError(
            f"a record{where} has no tags.run: it is not of `alcli simulate`; keep "
            "those that are: jq -c 'select(.tags.run)'"
        )
    if (version := tags.get("simulate")) not in READABLE:
        raise InputError(
            f"run {tags['run']}: its tags are of version {version or 'unknown'}, this "
            f"alcli reads {VERSION}; simulate into a new file, or read it with the "
            "alcli that wrote it"
        )
    try:
        return msgspec.convert(raw, SimulatedRecord, strict=False)
    except msgspec.ValidationError as error:
        raise InputError(f"run {tags['run']}: {error}{where}") from None


def _run(
    strategy: str, seed: int, found: Mapping[int, SimulatedRecord], metric: str
) -> Run:
    last = max(found)
    name = _name(found[last].tags)
    again = "take the run's records out and simulate it again"
    if missing := [number for number in range(last) if number not in found]:
        raise InputError(f"{name}: round {missing[0]} of {last} is missing; {again}")
    rounds = [found[number] for number in range(last + 1)]
    labels = np.array([record.labels for record in rounds], np.float64)
    if len(early := np.flatnonzero(np.diff(labels) <= 0)):
        raise InputError(
            f"{name}: round {early[0] + 1} has no more labels than round {early[0]}; "
            f"{again}"
        )
    scores = np.array([record.metrics[metric] for record in rounds], np.float64)
    return Run(strategy, seed, rounds, labels, scores)


def _name(tags: RunTags) -> str:
    return f"run {tags.run} ({tags.strategy}, {tags.arch}, seed {tags.seed})"
