"""Read what `alcli simulate` wrote: runs of rounds, in groups, and their baselines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError
from alcli.core.jsonl import Record

type Floats = NDArray[np.float64]

VERSION = "2"  # of the tags that `simulate` writes
READABLE = ("1", VERSION)


class Group(NamedTuple):
    """Settings shared by runs whose strategies are compared."""

    arch: str
    n: str
    start: str
    settings: str


@dataclass(frozen=True, eq=False)
class Run:
    """One strategy, one seed: `labels` and `scores` (rounds,), `accuracy` if known.

    one_class: the number of rounds whose model predicts one class for all test records.
    skew: records of the largest class of the test set for one of the smallest.
    """

    strategy: str
    seed: int
    labels: Floats
    scores: Floats
    accuracy: Floats | None
    seconds: dict[str, list[float]]
    ended: bool
    one_class: int = 0
    skew: float = 1.0

    def __str__(self) -> str:
        return f"{self.strategy}, seed {self.seed}"


class Baseline(NamedTuple):
    """Trained on the whole pool: `paper`, as the loop trains, or `strong`."""

    kind: str
    arch: str
    class_weight: str
    seed: int
    settings: str
    labels: int
    score: float


@dataclass(frozen=True)
class Runs:
    """All that a ledger holds, of one set of data."""

    data: str
    groups: dict[Group, list[Run]]
    baselines: list[Baseline]


class _Tags(msgspec.Struct):
    run: str
    data: str
    arch: str
    seed: int
    settings: str = ""
    baseline: str | None = None
    class_weight: str = ""
    strategy: str | None = None
    n: str = ""
    start: str = ""
    round: int = -1
    next: str | None = None


class _Confusion(msgspec.Struct):
    matrix: list[list[int]] = msgspec.field(default_factory=list)

    def predicted(self) -> int:
        return sum(any(column) for column in zip(*self.matrix, strict=True))

    def skew(self) -> float:
        found = [size for size in map(sum, self.matrix) if size]
        return max(found) / min(found) if found else 1.0


class _Record(msgspec.Struct):
    labels: int
    metrics: dict[str, float]
    tags: _Tags
    seconds: dict[str, float] = msgspec.field(default_factory=dict)
    confusion: _Confusion = msgspec.field(default_factory=_Confusion)


@dataclass
class _Rounds:
    name: str
    rounds: dict[int, _Record] = field(default_factory=dict)


def gather(records: Iterable[Record], *, metric: str, source: object = "") -> Runs:
    """Return the runs and baselines of curve records; the last of a round counts.

    source: the file, for messages.

    Raises:
        InputError: no round of a run, a record that `alcli simulate` of this version
            did not write, several sets of data, a strategy before and after its file
            was changed, a metric that is not there, a round missing in a run, or labels
            that do not increase.
    """
    try:
        return _gather(records, metric)
    except InputError as error:
        raise InputError(error.problem, source=source) from None


def _gather(records: Iterable[Record], metric: str) -> Runs:
    runs: dict[tuple[Group, str, int], _Rounds] = {}
    baselines: dict[tuple[str, str, str, int, str], Baseline] = {}
    data: dict[str, None] = {}
    for raw in records:
        record = _record(raw)
        tags = record.tags
        data[tags.data] = None
        if metric not in record.metrics:
            known = ", ".join(record.metrics)
            raise InputError(f'the curve has no metric "{metric}", but: {known}')
        if tags.baseline:
            score = record.metrics[metric]
            own = tags.class_weight
            of = (tags.baseline, tags.arch, own, tags.seed, tags.settings)
            baselines[of] = Baseline(*of, record.labels, score)
            continue
        if tags.strategy is None or tags.round < 0:
            raise InputError(f"run {tags.run}: a record has no tags.strategy and round")
        group = Group(tags.arch, tags.n, tags.start, tags.settings)
        name = f"run {tags.run} ({tags.strategy}, {tags.arch}, seed {tags.seed})"
        place = runs.setdefault((group, tags.strategy, tags.seed), _Rounds(name))
        other = next(iter(place.rounds.values()), record)
        if other.tags.run != tags.run and len(data) == 1:
            raise InputError(
                f"{name} is of other code than run {other.tags.run}; keep one: "
                f"jq -c 'select(.tags.run != \"{tags.run}\")'"
            )
        place.rounds[tags.round] = record
    if len(data) > 1:
        raise InputError(
            f"curves of {len(data)} sets of data are mixed ({', '.join(data)}); keep "
            f"one: jq -c 'select(.tags.data == \"{next(iter(data))}\")'"
        )
    if not runs:
        what = "baselines alone, no round of a strategy" if baselines else "no records"
        raise InputError(f"{what}; is this what `alcli simulate --append` wrote?")
    groups: defaultdict[Group, list[Run]] = defaultdict(list)
    for (group, strategy, seed), found in runs.items():
        groups[group].append(_run(strategy, seed, found, metric))
    return Runs(next(iter(data)), dict(groups), list(baselines.values()))


def _record(raw: Record) -> _Record:
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
        return msgspec.convert(raw, _Record, strict=False)
    except msgspec.ValidationError as error:
        raise InputError(f"run {tags['run']}: {error}{where}") from None


def _run(strategy: str, seed: int, found: _Rounds, metric: str) -> Run:
    last = max(found.rounds)
    for number in range(last):
        if number not in found.rounds:
            raise InputError(
                f"{found.name}: round {number} of {last} is missing; take the run's "
                "records out and simulate it again"
            )
    rounds = [found.rounds[number] for number in range(last + 1)]
    labels = np.array([record.labels for record in rounds], np.float64)
    if (np.diff(labels) <= 0).any():
        number = int(np.flatnonzero(np.diff(labels) <= 0)[0])
        raise InputError(
            f"{found.name}: round {number + 1} has no more labels than round {number}; "
            "take the run's records out and simulate it again"
        )
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for record in rounds:
        for step, spent in record.seconds.items():
            seconds[step].append(spent)
    return Run(
        strategy,
        seed,
        labels,
        _column(rounds, metric),
        _column(rounds, "accuracy")
        if all("accuracy" in r.metrics for r in rounds)
        else None,
        dict(seconds),
        ended=rounds[-1].tags.next == "",
        one_class=sum(record.confusion.predicted() == 1 for record in rounds),
        skew=max(record.confusion.skew() for record in rounds),
    )


def _column(rounds: list[_Record], metric: str) -> Floats:
    return np.array([record.metrics[metric] for record in rounds], np.float64)
