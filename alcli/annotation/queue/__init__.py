"""People who label at one desk: what they are asked, and how they answer.

`Desk` (in `alcli.annotation.queue.task_queue`) hands out the tasks and takes the
answers; a labeler is the page, the terminal or the bot in front of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from alcli.core.errors import UsageError

SKIPPED, UNSURE = REASONS = ("skipped", "unsure")  # why a vote has no label


class Task(NamedTuple):
    """A record to be labelled, or with `check` a question with a known answer.

    asked: annotators who have answered already.
    """

    id: str
    line: bytes
    asked: frozenset[str] = frozenset()
    check: bool = False


class Answer(NamedTuple):
    """Answer of an annotator to a task; label None: skipped.

    seconds: from shown to answered. reason: why there is no label. suggested: the
    model's guess, where it was shown.
    """

    annotator: str
    label: str | None
    seconds: float | None = None
    reason: str | None = None
    suggested: str | None = None


@dataclass(frozen=True)
class Asking:
    """Settings of a labeler that asks people.

    classes: what may be answered, in the order of the buttons. annotator: who answers,
    where that is known before. redundancy: how many annotators answer each record.
    guidelines: Markdown. gold: questions with known answers, as tasks; `check` is
    their share of what is asked. suggest: whether the model's guess is shown. people:
    annotators of earlier votes, on whatever records.

    Raises:
        UsageError: there are no classes, or not distinct ones, or numbers out of range.
    """

    classes: tuple[str, ...] = ()
    annotator: str | None = None
    redundancy: int = 1
    guidelines: str = ""
    gold: tuple[Task, ...] = ()
    check: float = 0.0
    suggest: bool = False
    people: frozenset[str] = frozenset()
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.classes:
            raise UsageError("people need the classes: --class NAME, once for each")
        for place, name in enumerate(self.classes):
            if not name.strip():
                raise UsageError("--class is empty; a class needs a name")
            if name in self.classes[:place]:
                raise UsageError(f"--class {name!r} is there twice")
        if self.annotator is not None and not self.annotator.strip():
            raise UsageError("--annotator is empty; it needs a name")
        if self.redundancy < 1:
            raise UsageError(f"--redundancy {self.redundancy}: expected 1 or more")
        if not 0 <= self.check < 1:
            raise UsageError(f"--check {self.check}: expected 0 or more, below 1")
