"""Predicted classes on the stop set no longer change (Zhu, Wang & Hovy, 2008)."""

from collections.abc import Sequence
from itertools import pairwise

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, at_most
from alcli.evaluation.curve.reading import predictions


def classification_change(
    curve: Sequence[Record], *, threshold: float = 0.0, window: int = 1
) -> Verdict:
    """Stop when each of the last `window` changes is `threshold` or less.

    A change is the share of the stop set with another predicted class than in the round
    before; the value is the largest. Source: Zhu, Wang and Hovy (2008), who use the
    unlabelled pool, and combine it with a criterion of uncertainty: here `--all`.

    Raises:
        InputError: a round without a stop set, or with another.
    """
    check_range(window >= 1, "window", window, "1 or more")
    check_range(0 <= threshold < 1, "threshold", threshold, "0 or more, less than 1")
    found, _ = predictions(curve, window + 1)
    if len(found) <= window:
        return Verdict(False, None, threshold)
    change = max(float((old != new).mean()) for old, new in pairwise(found))
    return Verdict(at_most(change, threshold), change, threshold)
