"""Signs that the model of a round has learnt to tell classes apart.

Stopping criteria wait for them. A round that does not note a sign, or notes it in
another form, is not in doubt: the model may be another program's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from alcli.core.jsonl import Record
from alcli.evaluation.curve.reading import StopSet

type Sign = Callable[[Record], bool]


class _Confusion(msgspec.Struct, gc=False):
    matrix: list[list[int]]


def trained(record: Record) -> bool:
    """Check whether the model was trained: with `epochs` 0 it is that of --init."""
    return record.get("epochs") != 0


def two_classes_on_test(record: Record) -> bool:
    """Check whether the model predicts two classes or more on the test set."""
    try:
        matrix = msgspec.convert(record.get("confusion"), _Confusion).matrix
    except msgspec.ValidationError:
        return True
    predicted = {place for row in matrix for place, count in enumerate(row) if count}
    return len(predicted) != 1


def two_classes_on_stop_set(record: Record) -> bool:
    """Check the same on the stop set, whose records may be training records."""
    try:
        found = msgspec.convert(record.get("stop_set"), StopSet).classes()
    except msgspec.ValidationError:
        return True
    return bool((found != found[0]).any())


ALL: tuple[Sign, ...] = (trained, two_classes_on_test, two_classes_on_stop_set)


def doubt(record: Record) -> str:
    """Return a message of the sign that the model of a round lacks; "": none."""
    if not trained(record):
        return "was not trained: only budgets can say enough"
    if not two_classes_on_test(record):
        return "predicts one class only on the test set: no sign of convergence"
    if not two_classes_on_stop_set(record):
        return "predicts one class only on the stop set, which then says nothing"
    return ""


def since(curve: Sequence[Record], signs: Iterable[Sign]) -> Sequence[Record]:
    """Return the rounds after the last one that lacks one of the signs.

    >>> rounds = [{"epochs": 1}, {"epochs": 0}, {"epochs": 3}]
    >>> since(rounds, [trained])
    [{'epochs': 3}]
    """
    signs = tuple(signs)
    lacking = (
        place
        for place in reversed(range(len(curve)))
        if not all(sign(curve[place]) for sign in signs)
    )
    return curve[next(lacking, -1) + 1 :]
