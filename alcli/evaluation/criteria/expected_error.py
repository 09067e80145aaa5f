"""The expected error of the model is small (Zhu, Wang, Hovy & Ma, 2010)."""

from collections.abc import Sequence

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, stop_below
from alcli.evaluation.curve.reading import stop_sets


def expected_error(curve: Sequence[Record], *, threshold: float = 0.05) -> Verdict:
    """Stop when the expected error on the stop set is less than `threshold`.

    mean over x of 1 - max_c p(c | x), x in the stop set, in the last round. Source:
    Zhu, Wang, Hovy and Ma (2010), minimum expected error, with x in the unlabelled
    pool. An overconfident network stops early: `train --calibrate temperature` helps.

    Raises:
        InputError: a round without a stop set, or with another.
    """
    check_range(0 < threshold <= 1, "threshold", threshold, "more than 0, at most 1")
    sets = stop_sets(curve)
    value = 1 - sets[-1].confidence_mean if sets else None
    return stop_below(value, threshold)
