"""Readers of fields of the rounds of a curve: scores, stop sets, batches, seconds.

In messages the first round is round 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any, Literal

import msgspec
import numpy as np

from alcli.core.errors import InputError
from alcli.core.jsonl import Record
from alcli.core.types import Ints
from alcli.evaluation.curve.schema import Confusion, LabelledBatch, StopSet

LOSSES = ("log_loss", "brier", "ece")  # metrics of which less is better

_BY_EVALUATE = "`alcli evaluate` writes it"
# type of each field, and its origin for messages
FIELDS: dict[str, tuple[Any, str]] = {
    "metrics": (dict[str, float], _BY_EVALUATE),
    "confusion": (Confusion, _BY_EVALUATE),
    "seconds": (dict[str, float], _BY_EVALUATE),
    "batch": (LabelledBatch, "`alcli evaluate --batch ... --labelled ...` writes it"),
    "stop_set": (
        StopSet,
        "`alcli evaluate --stop-set` writes it (`simulate`: --stop-size)",
    ),
}


def column(curve: Sequence[Record], name: str) -> list[Any]:
    """Return a field of each round, converted to its type.

    name: a key of `FIELDS`.

    Raises:
        InputError: a round lacks the field, or it is invalid.
    """
    kind, origin = FIELDS[name]
    found = []
    for place, record in enumerate(curve):
        if record.get(name) is None:
            raise InputError(f'{_name(curve, place)} has no "{name}"; {origin}')
        try:
            found.append(msgspec.convert(record[name], kind))
        except msgspec.ValidationError as error:
            what = f'{_name(curve, place)}: "{name}": {error}'
            raise InputError(what) from None
    return found


def scores(curve: Sequence[Record], metric: str) -> list[float]:
    """Return a metric of each round, larger is better: losses are negated.

    Raises:
        InputError: a round lacks the metric.
    """
    sign = -1 if metric in LOSSES else 1
    found = []
    for metrics in column(curve, "metrics"):
        if metric not in metrics:
            known = ", ".join(metrics) or "none"
            raise InputError(f'the curve has no metric "{metric}", but: {known}')
        found.append(sign * metrics[metric])
    return found


def stop_sets(curve: Sequence[Record]) -> list[StopSet]:
    """Return the stop set of each round, the same records in all.

    Raises:
        InputError: a round has no stop set, a damaged one, or another than the round
            before.
    """
    found: list[StopSet] = column(curve, "stop_set")
    for place in range(1, len(found)):
        before, now = found[place - 1], found[place]
        if (before.ids, before.n) != (now.ids, now.n):
            raise InputError(
                f"{_name(curve, place)} has another stop set than "
                f"{_name(curve, place - 1)}: predictions cannot be compared; "
                "evaluate with one --stop-set, or begin a new curve with the new one"
            )
    return found


def predictions(curve: Sequence[Record], last: int) -> tuple[list[Ints], list[str]]:
    """Return predicted classes of the stop set, and the names of their numbers.

    last: number of rounds at the end of the curve. Returned: class numbers, (n,), of
    each of them. They share one numbering, even if models differ in the order or the
    number of classes.

    Raises:
        InputError: see `stop_sets` and `column`; or a class that has no name.
    """
    sets = stop_sets(curve)
    labels = [part.labels for part in column(curve, "confusion")]
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


def last_entropy(
    curve: Sequence[Record], which: Literal["entropy_mean", "entropy_max"]
) -> float | None:
    """Return an entropy of the last round's stop set divided by log C, in [0, 1].

    C: number of classes. None: no round so far.

    Raises:
        InputError: see `stop_sets` and `column`.
    """
    sets, confusions = stop_sets(curve), column(curve, "confusion")
    if not sets:
        return None
    most = log(max(len(confusions[-1].labels), 2))  # of one class the entropy is 0
    value: float = getattr(sets[-1], which)
    return value / most


def _name(curve: Sequence[Record], place: int) -> str:
    labels = curve[place].get("labels", "unknown")
    return f"round {place + 1} ({labels} labels)"
