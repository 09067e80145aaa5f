"""Who is asked: a labeler takes tasks and yields answers as they come.

A labeler is a generator function `(tasks, **params) -> (task, answer)...`; the command
appends each answer to the ledger, and it is on disk when the generator goes on. One
that asks people has a parameter `asking`. To add one, write `alcli/labelers/NAME.py`
with a function of that name, and its test.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable

from alcli.core.registry import Registry
from alcli.desk import Answer as Answer
from alcli.desk import Asking as Asking
from alcli.desk import Task as Task

labelers: Registry[Callable[..., Iterable[tuple[Task, Answer]]]] = Registry(
    "labeler", __name__
)


def asks_people(labeler: Callable[..., object]) -> bool:
    """Say whether a labeler wants to know how people are asked."""
    return "asking" in inspect.signature(labeler).parameters
