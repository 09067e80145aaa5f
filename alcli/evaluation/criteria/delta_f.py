"""The predicted change of F1 is small (Altschuler & Bloodgood, 2019)."""

from collections.abc import Sequence
from itertools import pairwise

from alcli.core.errors import InputError
from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.core.types import Ints
from alcli.evaluation.criterion import Verdict, stop_below
from alcli.evaluation.curve.reading import predictions
from alcli.numerics.classification import confusion_matrix, macro_f1, per_class


def delta_f(
    curve: Sequence[Record],
    *,
    threshold: float = 0.05,
    window: int = 3,
    label: str = "",
) -> Verdict:
    """Stop when each of the last `window` changes is less than `threshold`.

    For a class, on the stop set: dF = 1 - 2a / (2a + b + c), where a records are
    predicted to have it in this round and the one before, b in the one before only, c
    in this round only; 0 without any. label: the class; by default the mean over the
    classes that either round predicts. The value is the largest of the last changes.
    Source: Altschuler and Bloodgood (2019, arXiv 1901.09118), for a positive and a
    negative class; the mean over classes is an addition.

    Raises:
        InputError: a round without a stop set, or with another; no such class.
    """
    check_range(window >= 1, "window", window, "1 or more")
    check_range(threshold > 0, "threshold", threshold, "more than 0")
    found, names = predictions(curve, window + 1)
    if curve and label and label not in names:
        known = ", ".join(names)
        raise InputError(f'the curve has no class "{label}", but: {known}')
    if len(found) <= window:
        return Verdict(False, None, threshold)
    place = names.index(label) if label else None
    change = max(_change(old, new, len(names), place) for old, new in pairwise(found))
    return stop_below(change, threshold)


def _change(old: Ints, new: Ints, classes: int, place: int | None) -> float:
    table = confusion_matrix(old, new, classes)
    if place is None:
        return 1 - float(macro_f1(table))
    if not table[place].sum() + table[:, place].sum():
        return 0.0
    return 1 - float(per_class(table)[2][place])
