"""The last answers had no record of a wanted class."""

from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

from alcli.core.errors import InputError
from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, waits_for
from alcli.evaluation.curve.reading import column
from alcli.evaluation.curve.signs import trained


@waits_for(trained)
def no_new_find(curve: Sequence[Record], *, n: int = 50, label: str = "") -> Verdict:
    """Stop when `n` answers or more in a row were none of the class.

    label: the class; by default the rarest so far (ties: the first by name). The order
    within a batch is unknown: only the batches since the last one with the class count.
    The value is their number of answers, without unlabelled records. For rare classes
    and for screening (ASReview stops after a number of irrelevant records in a row). It
    waits for a trained model, since an untrained one does not search; but not for
    predictions of the class, since a rare one has few.

    Raises:
        InputError: a round without a labelled batch; no such class.
    """
    check_range(n >= 1, "n", n, "1 or more")
    parts = column(curve, "batch")
    found: Counter[str] = Counter()
    for part in parts:
        found.update(part.labelled)
    if label and curve and label not in found:
        known = sorted({*found, *column(curve, "confusion")[-1].labels})
        if label not in known:
            names = ", ".join(known)
            raise InputError(f'the curve has no class "{label}", but: {names}')
    wanted = label or min(found, key=lambda name: (found[name], name), default="")
    if not wanted or not curve:
        return Verdict(False, None, n)
    row = takewhile(lambda part: not part.labelled.get(wanted), reversed(parts))
    answers = sum(sum(part.labelled.values()) for part in row)
    return Verdict(answers >= n, answers, n)
