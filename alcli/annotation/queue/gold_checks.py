"""Gold questions among the others: at random, but the same in every run;
suggestions do not give them away.

An annotator's questions are numbered from 0, votes of earlier runs among them, so that
a run that was stopped goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor

from alcli.annotation.queue import Task
from alcli.annotation.queue.items import shown
from alcli.core.errors import UsageError
from alcli.core.ids import seeded_uniform

_WHEN, _WHICH = 0x7768656E, 0x77686368  # streams of chance of their own


def due(seed: int, share: float, annotator: str, number: int) -> bool:
    """Check whether an annotator's question of this number is a gold question.

    One is, in every stretch of 1 / share questions, at a place that chance chooses: the
    share is kept, and nobody can count on it.

    >>> [n for n in range(60) if due(0, 0.05, "ann", n)]
    [10, 29, 40]
    """
    if share <= 0:
        return False
    stretches = {floor(number * share), floor((number + 1) * share)}
    return any(
        floor((stretch + _chance(seed, annotator, stretch)) / share) == number
        for stretch in stretches
    )


def order(seed: int, annotator: str, questions: Sequence[Task]) -> list[int]:
    """Return the places of the questions in the order in which one is asked them."""
    keys = [f"{annotator}\0{question.id}" for question in questions]
    places: list[int] = (
        seeded_uniform(seed ^ _WHICH, keys).argsort(kind="stable").tolist()
    )
    return places


def guesses(tasks: Iterable[Task], questions: Iterable[Task]) -> bool:
    """Check whether guesses may be shown: not if gold questions alone have them.

    Raises:
        UsageError: records have a guess, and known questions lack it.
    """
    if not any(map(_guess, tasks)):
        return False
    lacking = sum(not _guess(question) for question in questions)
    if lacking:
        raise UsageError(
            f"--suggest: {lacking} records of --gold have no guess to show, so people "
            "would know them for checks; score that file too, with `alcli score`"
        )
    return True


def _guess(task: Task) -> str | None:
    return shown(task.line, suggest=True)[1]


def _chance(seed: int, annotator: str, stretch: int) -> float:
    return float(seeded_uniform(seed ^ _WHEN, [f"{annotator}\0{stretch}"])[0])
