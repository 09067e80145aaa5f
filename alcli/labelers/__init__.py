"""Who is asked: a labeler takes tasks and yields answers as they come.

A labeler is a generator function `(tasks, **params) -> (task, answer)...`; the command
appends each answer to the ledger. To add one, write `alcli/labelers/NAME.py` with a
function of that name, and its test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from alcli.core.registry import Registry


class Task(NamedTuple):
    """A record to be labelled; `asked` are annotators who have answered already."""

    id: str
    line: bytes
    asked: frozenset[str] = frozenset()


class Answer(NamedTuple):
    """What somebody said; label None: was asked, gave no answer."""

    annotator: str
    label: str | None
    seconds: float | None = None


labelers: Registry[Callable[..., Iterable[tuple[Task, Answer]]]] = Registry(
    "labeler", __name__
)
