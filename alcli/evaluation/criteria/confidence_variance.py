"""The variance of the model's confidence has peaked and falls (Ghayoomi, 2010)."""

from collections.abc import Sequence

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, after_turn
from alcli.evaluation.curve.reading import stop_sets


def confidence_variance(curve: Sequence[Record], *, patience: int = 3) -> Verdict:
    """Stop when the variance rose, then fell `patience` rounds in a row.

    v_t = Var over x of max_c p_t(c | x), x in the stop set. The value is the number of
    rounds in a row with a fall. Source: Ghayoomi (2010), with x in the unlabelled pool;
    the stop set is the same in all rounds.

    Raises:
        InputError: a round without a stop set, or with another.
    """
    check_range(patience >= 1, "patience", patience, "1 or more")
    values = [part.confidence_variance for part in stop_sets(curve)]
    return after_turn(values, patience, rising=False)
