"""The metric has not improved for some rounds."""

from collections.abc import Sequence

from alcli.core.errors import InputError
from alcli.core.jsonl import Record
from alcli.core.params import require
from alcli.criteria import Verdict


def plateau(
    curve: Sequence[Record],
    *,
    patience: int = 3,
    epsilon: float = 0.005,
    metric: str = "macro_f1",
) -> Verdict:
    """Stop when the last `patience` rounds gained no more than `epsilon`.

    The value is the best of the last rounds less the best before them.
    """
    require(patience >= 1, "patience", patience, "1 or more")
    missing = [record for record in curve if metric not in record["metrics"]]
    if missing:
        known = ", ".join(missing[0]["metrics"])
        raise InputError(f'the curve has no metric "{metric}", but: {known}')
    scores = [record["metrics"][metric] for record in curve]
    if len(scores) <= patience:
        return Verdict(False, None, epsilon)
    gain = max(scores[-patience:]) - max(scores[:-patience])
    return Verdict(gain <= epsilon, gain, epsilon)
