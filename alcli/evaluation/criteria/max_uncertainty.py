"""The largest uncertainty of the model is small (Zhu, Wang & Hovy, 2008)."""

from collections.abc import Sequence

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, stop_below
from alcli.evaluation.curve.reading import last_entropy


def max_uncertainty(curve: Sequence[Record], *, threshold: float = 0.05) -> Verdict:
    """Stop when the largest entropy on the stop set is less than `threshold`.

    max over x of H(p(. | x)) / log C, x in the stop set, C the number of classes: in
    [0, 1], in the last round. Source: Zhu, Wang and Hovy (2008), with x in the
    unlabelled pool. An overconfident network stops early: `train --calibrate
    temperature` helps.

    Raises:
        InputError: a round without a stop set, or with another.
    """
    check_range(0 < threshold <= 1, "threshold", threshold, "more than 0, at most 1")
    return stop_below(last_entropy(curve, "entropy_max"), threshold)
