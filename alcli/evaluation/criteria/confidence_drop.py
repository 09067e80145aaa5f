"""The model's confidence has peaked and falls (Vlachos, 2008)."""

from collections.abc import Sequence

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, after_turn
from alcli.evaluation.curve.reading import stop_sets


def confidence_drop(curve: Sequence[Record], *, patience: int = 3) -> Verdict:
    """Stop when the mean confidence rose, then fell `patience` rounds in a row.

    c_t = mean over x of max_c p_t(c | x), x in the stop set. The value is the number of
    rounds in a row with a fall. Source: Vlachos (2008), "A stopping criterion for
    active learning".

    Raises:
        InputError: a round without a stop set, or with another.
    """
    check_range(patience >= 1, "patience", patience, "1 or more")
    values = [part.confidence_mean for part in stop_sets(curve)]
    return after_turn(values, patience, rising=False)
