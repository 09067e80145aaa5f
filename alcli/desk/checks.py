"""Known questions among the others: when, and which, by chance that is the same again.

An annotator's questions are numbered from 0, votes of earlier runs among them, so that
a run that was stopped goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from alcli.core.ids import noise
from alcli.desk import Task

_WHEN, _WHICH = 0x7768656E, 0x77686368  # streams of chance of their own


def due(seed: int, share: float, annotator: str, number: int) -> bool:
    """Say whether an annotator's question of this number is a known one.

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
    places: list[int] = noise(seed ^ _WHICH, keys).argsort(kind="stable").tolist()
    return places


def _chance(seed: int, annotator: str, stretch: int) -> float:
    return float(noise(seed ^ _WHEN, [f"{annotator}\0{stretch}"])[0])
