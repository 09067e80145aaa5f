"""The model is sure of the record it is least sure of (Zhu, Wang & Hovy, 2008)."""

from collections.abc import Sequence
from math import log

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criteria import Verdict, at_least
from alcli.evaluation.curve.reading import classes, stop_sets


def max_uncertainty(curve: Sequence[Record], *, threshold: float = 0.05) -> Verdict:
    """Stop when the largest entropy on the stop set is less than `threshold`.

    max over x of H(p(. | x)) / log C, x in the stop set, C the number of classes: in
    [0, 1], the last round's. In the paper x runs over the unlabelled pool. A network
    that is too sure of itself ends early: `train --calibrate temperature` helps.

    Raises:
        InputError: a round without a stop set, or with another.
    """
    check_range(0 < threshold <= 1, "threshold", threshold, "more than 0, at most 1")
    sets, names = stop_sets(curve), classes(curve)
    if not sets:
        return Verdict(False, None, threshold)
    most = log(max(len(names[-1]), 2))  # of one class the entropy is 0
    value = sets[-1].entropy_max / most
    return Verdict(not at_least(value, threshold), value, threshold)
