"""A budget: enough rounds."""

from collections.abc import Sequence

from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, waits_for


@waits_for()
def rounds(curve: Sequence[Record], *, most: int = 10) -> Verdict:
    """Stop when there are `most` rounds or more."""
    check_range(most >= 1, "most", most, "1 or more")
    return Verdict(len(curve) >= most, len(curve), most)
