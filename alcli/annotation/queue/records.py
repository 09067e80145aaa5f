"""Conversion of records and a ledger to tasks, and of answers to votes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from alcli.annotation.queue import Answer, Task
from alcli.annotation.queue.items import DISPLAYED
from alcli.core.fields import (
    ANSWER_FIELDS,
    VOTE_FIELDS,
    class_names,
    defaulted,
    record_decoder,
)
from alcli.core.members import drop_members, members, splice
from alcli.core.step import Block, Result, identity


class Tasks:
    """Tasks of a batch, each with the annotators of its votes.

    votes: blocks of the ledger. needs_text: records are displayed, so `text` is
    required.
    """

    def __init__(self, votes: Iterable[Block], *, needs_text: bool = False) -> None:
        decoder = record_decoder("id", defaulted("annotator", ""))
        self._answered_by: defaultdict[str, set[str]] = defaultdict(set)
        for block in votes:
            for row in block.decode(decoder):
                self._answered_by[identity(row.id)].add(row.annotator)
        self._decoder = record_decoder("id", *(DISPLAYED if needs_text else ()))
        self._tasks: dict[str, Task] = {}

    def add(self, block: Block) -> Result:
        """Add the records of a block; of repeated ids the first counts.

        Raises:
            InputError: a record without `id`, or a missing `text` or a `pred` or
                `probs` of another type where records are displayed.
        """
        rows = block.decode(self._decoder)
        for row, line in zip(rows, block.lines, strict=True):
            id = identity(row.id)
            if id not in self._tasks:
                self._tasks[id] = self._task(id, line)
        return Result([], {"read": len(rows)})

    def all(self) -> list[Task]:
        """Return the tasks, in the order of the records."""
        return list(self._tasks.values())

    def annotators(self) -> frozenset[str]:
        """Return the annotators of all votes, also of votes on other records."""
        return frozenset().union(*self._answered_by.values())

    def gold_tasks(
        self, gold: Iterable[Block], classes: Iterable[str]
    ) -> tuple[Task, ...]:
        """Return labelled records as gold questions.

        Raises:
            InputError: a record without `text`, or with a `label` outside the classes.
        """
        decoder, names = record_decoder("id", "label", *DISPLAYED), list(classes)
        found: dict[str, Task] = {}
        for block in gold:
            rows = block.decode(decoder)
            labels = class_names(block, [row.label for row in rows])
            lines = zip(rows, labels, block.lines, strict=True)
            for index, (row, label, line) in enumerate(lines):
                if label not in names:
                    listed = ", ".join(names)
                    raise block.error(index, f'label "{label}" is not one of {listed}')
                id = identity(row.id)
                found.setdefault(id, self._task(id, line))
        return tuple(found.values())

    def _task(self, id: str, line: bytes) -> Task:
        return Task(id, line, frozenset(self._answered_by.get(id, ())))


def count_open(
    tasks: Iterable[Task], votes: Iterable[tuple[str, str]], redundancy: int
) -> int:
    """Count the tasks with fewer than `redundancy` annotators.

    votes: pairs (id, annotator) of this run, beside the tasks' own annotators.
    """
    voters: defaultdict[str, set[str]] = defaultdict(set)
    for id, annotator in votes:
        voters[id].add(annotator)
    return sum(
        len(task.answered_by | voters.get(task.id, set())) < redundancy
        for task in tasks
    )


def vote_line(task: Task, answer: Answer) -> bytes:
    """Return a vote as JSON: the record with the answer's fields replaced.

    A vote on a gold question has `check`: true, for `merge-labels`.
    """
    from datetime import UTC, datetime

    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    fields = {"label": answer.label, "annotator": answer.annotator, "time": now}
    more = {name: getattr(answer, name) for name in ANSWER_FIELDS}
    fields |= {name: value for name, value in more.items() if value is not None}
    mark = {"check": True} if task.check else {}
    return splice(drop_members(task.line, *VOTE_FIELDS), members(fields | mark))
