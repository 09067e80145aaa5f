"""The model is right about what it asks for (Zhu, Wang & Hovy, 2008)."""

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

    The accuracy is the share of the batch just labelled that got the label which it was
    predicted to have when it was chosen: `threshold` or more. The value is the least of
    them. Too early to say: a batch of which nothing had been predicted, or nothing was
    labelled.

    Raises:
        InputError: a round that does not say what became of its batch.
    """
    check_range(window >= 1, "window", window, "1 or more")
    check_range(0 < threshold <= 1, "threshold", threshold, "more than 0, at most 1")
    agreed = [batch.agreed for batch in column(curve, "batch")[-window:]]
    known = [share for share in agreed if share is not None]
    if len(known) < window:
        return Verdict(False, None, threshold)
    return Verdict(at_least(min(known), threshold), min(known), threshold)
