"""Labelers: each takes tasks and yields answers as they come.

A labeler is a generator function `(tasks, **params) -> (task, answer)...`; the command
appends each answer to the ledger, and it is on disk when the generator goes on. One
that asks people has a parameter `asking`; one whose answers cost nothing is marked as
`Simulated`. To add one, write `alcli/annotation/labelers/NAME.py` with a function of
that name, and its test.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import update_wrapper
from itertools import batched

from alcli.annotation.queue import Answer as Answer
from alcli.annotation.queue import LabellingSettings as LabellingSettings
from alcli.annotation.queue import Task as Task
from alcli.core.registry import Registry

AT_ONCE = 1000  # simulated answers; one by one they take 80 times as long

labelers: Registry[Callable[..., Iterable[tuple[Task, Answer]]]] = Registry(
    "labeler", __name__
)


def asks_people(labeler: Callable[..., object]) -> bool:
    """Check whether a labeler takes the settings of asking people."""
    return "settings" in inspect.signature(labeler).parameters


class Simulated:
    """A labeler that asks nobody: what a killed run had not written is had again."""

    def __init__(self, labeler: Callable[..., Iterable[tuple[Task, Answer]]]) -> None:
        self.labeler = labeler
        update_wrapper(self, labeler)

    def __call__(
        self, tasks: Iterable[Task], **params: object
    ) -> Iterable[tuple[Task, Answer]]:
        """Return the answers."""
        return self.labeler(tasks, **params)


def write_batches(
    labeler: Callable[..., object], answers: Iterable[tuple[Task, Answer]]
) -> Iterator[tuple[tuple[Task, Answer], ...]]:
    """Yield answers as they are to be written: each by itself, or many simulated ones.

    To have a line on disk takes milliseconds, however little is in it.
    """
    return batched(answers, AT_ONCE if isinstance(labeler, Simulated) else 1)
