"""Fields of the rounds of a curve, checked: scores, stop sets, batches, seconds.

It reads what `alcli.evaluation.curve.writing` makes. In messages the first round is
round 1.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError
from alcli.core.jsonl import Record

type Ints = NDArray[np.intp]

LOSSES = ("log_loss", "brier", "ece")  # metrics of which less is better
BY_EVALUATE = "`alcli evaluate` writes it"
BY_STOP_SET = "`alcli evaluate --stop-set` writes it (`simulate`: --stop-size)"
BY_BATCH = "`alcli evaluate --batch ... --labelled ...` writes it"


class StopSet(msgspec.Struct, frozen=True, gc=False):
    """Predictions for the stop set, n unlabelled records; entropy in nats.

    ids: a hash of theirs, in order. pred: n class numbers, packed.
    """

    ids: str
    n: int
    pred: str
    confidence_mean: float
    confidence_variance: float
    entropy_mean: float
    entropy_max: float

    def __post_init__(self) -> None:
        size = len(base64.b64decode(self.pred, validate=True))
        if self.n < 1 or size not in (self.n, 2 * self.n):
            raise ValueError(f"{size} bytes of predictions for {self.n} records")

    def classes(self) -> Ints:
        """Return the predicted class numbers, (n,): one byte each, or two."""
        data = base64.b64decode(self.pred)
        kind = "u1" if len(data) == self.n else "<u2"
        return np.frombuffer(data, kind).astype(np.intp)


class Batch(msgspec.Struct, frozen=True, gc=False):
    """Labels of the batch of a round: number of records by label.

    agreed: the share that has the label it was predicted to have; None: not known.
    """

    asked: int
    labelled: dict[str, int]
    agreed: float | None = None


class Confusion(msgspec.Struct, frozen=True, gc=False):
    """The class names, in the order of the model's class numbers."""

    labels: list[str]


PARTS: dict[str, Any] = {
    "stop_set": StopSet,
    "batch": Batch,
    "seconds": dict[str, float],
}


def problem(record: Record) -> str | None:
    """Return the problem of the fields that a round has; None: nothing is wrong."""
    for name, kind in PARTS.items():
        if record.get(name) is not None:
            try:
                msgspec.convert(record[name], kind)
            except msgspec.ValidationError as error:
                return f'"{name}": {error}'
    return None


def scores(curve: Sequence[Record], metric: str) -> list[float]:
    """Return a metric of each round, larger is better: a loss has a minus.

    Raises:
        InputError: a round lacks it, and the message names those that it has.
    """
    sign = -1 if metric in LOSSES else 1
    found = []
    for metrics in _parts(curve, "metrics", dict[str, float], BY_EVALUATE):
        if metric not in metrics:
            known = ", ".join(metrics) or "none"
            raise InputError(f'the curve has no metric "{metric}", but: {known}')
        found.append(sign * metrics[metric])
    return found


def stop_sets(curve: Sequence[Record]) -> list[StopSet]:
    """Return the stop set of each round, the same records in all.

    Raises:
        InputError: a round has none, a damaged one, or another than the round before.
    """
    found: list[StopSet] = _parts(curve, "stop_set", StopSet, BY_STOP_SET)
    for place in range(1, len(found)):
        before, now = found[place - 1], found[place]
        if (before.ids, before.n) != (now.ids, now.n):
            raise InputError(
                f"{_name(curve, place)} has another stop set than "
                f"{_name(curve, place - 1)}: what they predict cannot be compared; "
                "evaluate with one --stop-set, or begin a new curve with the new one"
            )
    return found


def classes(curve: Sequence[Record]) -> list[list[str]]:
    """Return the class names of each round, in the order of the model's numbers.

    Raises:
        InputError: a round does not have them.
    """
    parts = _parts(curve, "confusion", Confusion, BY_EVALUATE)
    return [part.labels for part in parts]


def predictions(curve: Sequence[Record], last: int) -> tuple[list[Ints], list[str]]:
    """Return the classes of the stop set in the last rounds, (n,) each, and names.

    One numbering holds for all of them, whatever order each model has of the classes,
    and where classes were added.

    Raises:
        InputError: see `stop_sets` and `classes`; or a class that has no name.
    """
    sets, labels = stop_sets(curve), classes(curve)
    first = max(len(curve) - last, 0)
    names = list(dict.fromkeys(name for own in labels[first:] for name in own))
    number = {name: place for place, name in enumerate(names)}
    found: list[Ints] = []
    for place in range(first, len(curve)):
        own = sets[place].classes()
        if own.max() >= len(labels[place]):
            raise InputError(
                f"{_name(curve, place)}: the stop set has class number {own.max()}, "
                f"but there are {len(labels[place])} classes; evaluate it again"
            )
        found.append(np.array([number[name] for name in labels[place]])[own])
    return found, names


def batches(curve: Sequence[Record]) -> list[Batch]:
    """Return the labelled batch of each round.

    Raises:
        InputError: a round does not say it.
    """
    return _parts(curve, "batch", Batch, BY_BATCH)


def seconds(curve: Sequence[Record]) -> list[dict[str, float]]:
    """Return the seconds that each step of each round took.

    Raises:
        InputError: a round does not say it.
    """
    return _parts(curve, "seconds", dict[str, float], BY_EVALUATE)


def _parts(curve: Sequence[Record], name: str, kind: Any, remedy: str) -> list[Any]:
    found = []
    for place, record in enumerate(curve):
        if record.get(name) is None:
            raise InputError(f'{_name(curve, place)} has no "{name}"; {remedy}')
        try:
            found.append(msgspec.convert(record[name], kind))
        except msgspec.ValidationError as error:
            what = f'{_name(curve, place)}: "{name}": {error}'
            raise InputError(what) from None
    return found


def _name(curve: Sequence[Record], place: int) -> str:
    labels = curve[place].get("labels", "unknown")
    return f"round {place + 1} ({labels} labels)"
