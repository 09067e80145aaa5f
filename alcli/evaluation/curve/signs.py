"""Signs that the model of a round has learnt to tell classes apart.

Stopping criteria wait for them. A round without the field of a sign, or with another
form of it, passes: its model may be another program's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from alcli.core.jsonl import Record
from alcli.evaluation.curve.schema import Confusion, StopSet

type Sign = Callable[[Record], bool]


def trained(record: Record) -> bool:
    """Check whether the model was trained: with `epochs` 0 it is that of --init."""
    return record.get("epochs") != 0


def two_classes_on_test(record: Record) -> bool:
    """Check whether the model predicts two classes or more on the test set."""
    try:
        confusion = msgspec.convert(record.get("confusion"), Confusion)
    except msgspec.ValidationError:
        return True
    return confusion.predicted_classes() != 1


def two_classes_on_stop_set(record: Record) -> bool:
    """Check the same on the stop set, whose records may be training records."""
    try:
        found = msgspec.convert(record.get("stop_set"), StopSet).classes()
    except msgspec.ValidationError:
        return True
    return bool((found != found[0]).any())


# each sign, and the message of its absence
SIGNS: dict[Sign, str] = {
    trained: "was not trained: only budgets can say enough",
    two_classes_on_test: "predicts one class only on the test set: no sign of "
    "convergence",
    two_classes_on_stop_set: "predicts one class only on the stop set: its "
    "predictions tell nothing",
}


def missing_sign(record: Record) -> str:
    """Return the message of the first sign that the model of a round lacks, or ""."""
    return next((text for sign, text in SIGNS.items() if not sign(record)), "")


def since(curve: Sequence[Record], signs: Iterable[Sign]) -> Sequence[Record]:
    """Return the rounds after the last one that lacks one of the signs.

    >>> rounds = [{"epochs": 1}, {"epochs": 0}, {"epochs": 3}]
    >>> since(rounds, [trained])
    [{'epochs': 3}]
    """
    signs = tuple(signs)
    for place in range(len(curve), 0, -1):
        if not all(sign(curve[place - 1]) for sign in signs):
            return curve[place:]
    return curve
