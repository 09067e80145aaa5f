"""The metric stays below its best."""

from collections.abc import Sequence

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, at_most, waits_for
from alcli.evaluation.curve.reading import scores
from alcli.evaluation.curve.signs import trained, two_classes_on_test


@waits_for(trained, two_classes_on_test)
def performance_drop(
    curve: Sequence[Record],
    *,
    epsilon: float = 0.01,
    patience: int = 3,
    metric: str = "macro_f1",
) -> Verdict:
    """Stop when each of the last rounds is more than `epsilon` below the best before.

    max(s_1 .. s_(t-p)) - max(s_(t-p+1) .. s_t) > epsilon, with p the patience: the
    value is the left side. The best of a loss (log_loss, brier, ece) is the smallest.
    Such drops occur: the LDA-sampling study on MirasOpinion found its best score with
    39 % of the labels, and lower ones after.

    Raises:
        InputError: a round without the metric.
    """
    check_range(patience >= 1, "patience", patience, "1 or more")
    check_range(epsilon >= 0, "epsilon", epsilon, "0 or more")
    found = scores(curve, metric)
    if len(found) <= patience:
        return Verdict(False, None, epsilon)
    drop = max(found[:-patience]) - max(found[-patience:])
    return Verdict(not at_most(drop, epsilon), drop, epsilon)
