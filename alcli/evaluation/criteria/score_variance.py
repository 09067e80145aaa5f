"""The variance of the last scores begins to rise (LDA sampling on MirasOpinion)."""

from collections.abc import Sequence
from statistics import pvariance

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, after_turn, waits_for
from alcli.evaluation.curve.reading import scores
from alcli.evaluation.curve.signs import trained, two_classes_on_test


@waits_for(trained, two_classes_on_test)
def score_variance(
    curve: Sequence[Record],
    *,
    patience: int = 3,
    window: int = 5,
    metric: str = "macro_f1",
) -> Verdict:
    """Stop when the variance of the scores fell, then rose `patience` rounds in a row.

    v_t = Var(s_(t-w+1) .. s_t), w the window: it falls as the curve flattens, and rises
    when scores fluctuate, or leap up. The study has "begins to rise" without details:
    window and patience are additions. The value is the number of rounds in a row with a
    rise.

    Raises:
        InputError: a round without the metric.
    """
    check_range(patience >= 1, "patience", patience, "1 or more")
    check_range(window >= 2, "window", window, "2 or more")
    found = scores(curve, metric)
    ends = range(window, len(found) + 1)
    return after_turn(
        [pvariance(found[end - window : end]) for end in ends], patience, rising=True
    )
