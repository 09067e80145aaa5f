"""Queue of tasks: tasks, answers, and the settings of labelling by people.

`TaskQueue` (in `alcli.annotation.queue.task_queue`) hands out the tasks and takes the
answers. The labelers `web`, `terminal` and `telegram` are its front ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from alcli.core.errors import UsageError

SKIPPED, UNSURE = REASONS = ("skipped", "unsure")  # of a vote without a label


class Task(NamedTuple):
    """Record to be labelled, or with `check` a gold question.

    line: the record as JSON. answered_by: annotators of earlier answers.
    """

    id: str
    line: bytes
    answered_by: frozenset[str] = frozenset()
    check: bool = False


class Answer(NamedTuple):
    """Answer of an annotator to a task; label None: no label, for the reason.

    seconds: time from display to answer. reason: one of `REASONS`. suggested: the
    model's prediction, if it was displayed.
    """

    annotator: str
    label: str | None
    seconds: float | None = None
    reason: str | None = None
    suggested: str | None = None


type Vote = tuple[Task, Answer]
type Save = Callable[[Iterable[Vote]], None]  # on return the votes are on disk


@dataclass(frozen=True)
class QueueSettings:
    """Settings of labelling by people.

    classes: class names, in the order of the buttons. annotator: name of the only
    annotator; None: annotators name themselves. redundancy: number of annotators per
    record. guidelines: Markdown. gold: gold questions. check: share of gold questions
    among all questions, in [0, 1). suggest: display of the model's prediction.
    past_annotators: annotators of all votes in the ledger. seed: of the gold questions.

    Raises:
        UsageError: no classes, a repeated class, an empty name, or a number out of
            range.
    """

    classes: tuple[str, ...] = ()
    annotator: str | None = None
    redundancy: int = 1
    guidelines: str = ""
    gold: tuple[Task, ...] = ()
    check: float = 0.0
    suggest: bool = False
    past_annotators: frozenset[str] = frozenset()
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.classes:
            raise UsageError("no classes; add --class NAME for each class")
        for place, name in enumerate(self.classes):
            if not name.strip():
                raise UsageError("--class is empty; name the class")
            if name in self.classes[:place]:
                raise UsageError(f"--class {name!r} is repeated; name each class once")
        if self.annotator is not None and not self.annotator.strip():
            raise UsageError("--annotator is empty; name the annotator")
        if self.redundancy < 1:
            raise UsageError(f"--redundancy {self.redundancy}: expected 1 or more")
        if not 0 <= self.check < 1:
            raise UsageError(f"--check {self.check}: expected 0 or more, below 1")
