"""Predictions on the stop set are stable (Bloodgood & Vijay-Shanker, 2009)."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.core.types import Ints
from alcli.evaluation.criterion import Verdict, at_least
from alcli.evaluation.curve.reading import predictions
from alcli.numerics.classification import confusion_matrix


def stabilising_predictions(
    curve: Sequence[Record], *, threshold: float = 0.99, window: int = 3
) -> Verdict:
    """Stop when the mean of the last `window` kappas is `threshold` or more.

    kappa_t = (po - pe) / (1 - pe), Cohen's (1960), of the predictions of round t and
    the round before on the stop set. If both predict one class throughout, pe = 1 and
    kappa is undefined: it counts as 1 (`load_criterion` leaves out such rounds). The
    value is the mean. Source: Bloodgood and Vijay-Shanker (2009, arXiv 1409.5165).

    Raises:
        InputError: a round without a stop set, or with another.
    """
    check_range(window >= 1, "window", window, "1 or more")
    check_range(0 <= threshold <= 1, "threshold", threshold, "0 to 1")
    found, names = predictions(curve, window + 1)
    if len(found) <= window:
        return Verdict(False, None, threshold)
    mean = fmean(_kappa(old, new, len(names)) for old, new in pairwise(found))
    return Verdict(at_least(mean, threshold), mean, threshold)


def _kappa(old: Ints, new: Ints, classes: int) -> float:
    table = confusion_matrix(old, new, classes)
    n = len(old)
    chance = int(table.sum(axis=0) @ table.sum(axis=1))  # n^2 pe
    if chance == n * n:
        return 1.0
    return (int(table.trace()) * n - chance) / (n * n - chance)
