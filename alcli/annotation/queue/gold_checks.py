"""Gold questions among the others: positions, order, and suggestions.

Positions and order are random, but depend on the seed and the annotator alone. An
annotator's questions are numbered from 0 over all runs, so a restarted run continues
the same sequence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor

from alcli.annotation.queue import Task
from alcli.annotation.queue.items import visible_fields
from alcli.core.errors import UsageError
from alcli.core.ids import seeded_uniform

_WHEN, _WHICH = 0x7768656E, 0x77686368  # independent random streams


def is_gold_turn(seed: int, share: float, annotator: str, number: int) -> bool:
    """Check whether an annotator's question of this number is a gold question.

    Each stretch of 1 / share questions has one gold question, at a random position: the
    share is exact, and an annotator cannot predict the position.

    >>> [n for n in range(60) if is_gold_turn(0, 0.05, "ann", n)]
    [10, 29, 40]
    """
    if share <= 0:
        return False
    stretches = {floor(number * share), floor((number + 1) * share)}
    return any(
        floor((stretch + _position(seed, annotator, stretch)) / share) == number
        for stretch in stretches
    )


def gold_order(seed: int, annotator: str, questions: Sequence[Task]) -> list[int]:
    """Return the indices of the gold questions in an annotator's random order."""
    keys = [f"{annotator}\0{question.id}" for question in questions]
    indices: list[int] = (
        seeded_uniform(seed ^ _WHICH, keys).argsort(kind="stable").tolist()
    )
    return indices


def suggestions_allowed(tasks: Iterable[Task], questions: Iterable[Task]) -> bool:
    """Check whether predictions may be displayed: only if records have them.

    Raises:
        UsageError: records have a prediction, and gold questions lack it.
    """
    # a prediction on one kind of question only would reveal the gold questions
    if not any(map(_prediction, tasks)):
        return False
    lacking = sum(not _prediction(question) for question in questions)
    if lacking:
        raise UsageError(
            f"--suggest: {lacking} records of --gold lack a prediction, which reveals "
            "the gold questions; score that file, too, with `alcli score`"
        )
    return True


def _prediction(task: Task) -> str | None:
    return visible_fields(task.line, suggest=True)[1]


def _position(seed: int, annotator: str, stretch: int) -> float:
    return float(seeded_uniform(seed ^ _WHEN, [f"{annotator}\0{stretch}"])[0])
