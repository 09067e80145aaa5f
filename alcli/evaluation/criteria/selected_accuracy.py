"""The predictions for the queried records are right (Zhu, Wang & Hovy, 2008)."""

from collections.abc import Sequence

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, at_least, waits_for
from alcli.evaluation.curve.reading import column
from alcli.evaluation.curve.signs import trained, two_classes_on_test


@waits_for(trained, two_classes_on_test)
def selected_accuracy(
    curve: Sequence[Record], *, threshold: float = 0.9, window: int = 1
) -> Verdict:
    """Stop when each of the last `window` batches was predicted well enough.

    That is, with an accuracy of `threshold` or more: the share of the labelled batch
    whose label is the `pred` of its query. The value is the smallest of them. Too early
    to say: a batch without predictions, or without labels. Source: Zhu, Wang and Hovy
    (2008).

    Raises:
        InputError: a round without a labelled batch.
    """
    check_range(window >= 1, "window", window, "1 or more")
    check_range(0 < threshold <= 1, "threshold", threshold, "more than 0, at most 1")
    agreed = [batch.agreed for batch in column(curve, "batch")[-window:]]
    known = [share for share in agreed if share is not None]
    if len(known) < window:
        return Verdict(False, None, threshold)
    return Verdict(at_least(min(known), threshold), min(known), threshold)
