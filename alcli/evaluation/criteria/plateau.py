"""The metric has not improved for some rounds."""

from collections.abc import Sequence

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, at_most, waits_for
from alcli.evaluation.curve.reading import scores
from alcli.evaluation.curve.signs import trained, two_classes_on_test


@waits_for(trained, two_classes_on_test)
def plateau(
    curve: Sequence[Record],
    *,
    patience: int = 3,
    epsilon: float = 0.005,
    metric: str = "macro_f1",
) -> Verdict:
    """Stop when the last `patience` rounds gained no more than `epsilon`.

    The value is the best of the last rounds less the best before them; the best of a
    loss (log_loss, brier, ece) is the smallest.

    Raises:
        InputError: a round without the metric.
    """
    check_range(patience >= 1, "patience", patience, "1 or more")
    found = scores(curve, metric)
    if len(found) <= patience:
        return Verdict(False, None, epsilon)
    gain = max(found[-patience:]) - max(found[:-patience])
    return Verdict(at_most(gain, epsilon), gain, epsilon)
