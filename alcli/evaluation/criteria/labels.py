"""A budget: enough labels."""

from collections.abc import Sequence

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, waits_for


@waits_for()
def labels(curve: Sequence[Record], *, most: int = 1000) -> Verdict:
    """Stop when the last round was trained with `most` labels or more."""
    check_range(most >= 1, "most", most, "1 or more")
    used = max((record["labels"] for record in curve), default=0)
    return Verdict(used >= most, used, most)
