"""A budget: enough seconds of computing."""

from collections.abc import Sequence

from alcli.core.errors import InputError
from alcli.core.jsonl import Record
from alcli.core.params import check_range
from alcli.evaluation.criterion import Verdict, at_least, waits_for
from alcli.evaluation.curve.reading import column


@waits_for()
def seconds(
    curve: Sequence[Record], *, most: float = 3600.0, step: str = ""
) -> Verdict:
    """Stop when all rounds together took `most` seconds or more.

    Rounds record the seconds of each step, such as training; the time of people is not
    counted. step: count this step only.

    Raises:
        InputError: a round without seconds; no round has the step.
    """
    check_range(most > 0, "most", most, "more than 0")
    parts = column(curve, "seconds")
    known = list(dict.fromkeys(name for part in parts for name in part))
    if step and curve and step not in known:
        names = ", ".join(known) or "none"
        raise InputError(f'the curve has no seconds of "{step}", but: {names}')
    wanted = [step] if step else known
    spent = sum(part.get(name, 0.0) for part in parts for name in wanted)
    return Verdict(at_least(spent, most), spent, most)
