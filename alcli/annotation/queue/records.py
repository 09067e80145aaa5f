"""Conversion of records and a ledger to tasks, and of answers to votes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from alcli.annotation.queue import Answer, Task
from alcli.annotation.queue.items import ShownFields
from alcli.core.fields import Label, class_names
from alcli.core.jsonl import drop_members, members, splice
from alcli.core.step import Block, Result, identity

OF_AN_ANSWER = ("seconds", "reason", "suggested")
OF_A_VOTE = ("label", "annotator", "time", *OF_AN_ANSWER, "check")


class _Vote(msgspec.Struct, gc=False):
    id: str | int
    annotator: str = ""


class _Any(msgspec.Struct, gc=False):
    id: str | int


class _Read(ShownFields, gc=False):
    id: str | int


class _Known(_Read, gc=False):
    label: Label


class Tasks:
    """The records of a batch, each with those who have answered it.

    votes: blocks of the ledger. people: records are shown, so they need a `text`.
    """

    def __init__(self, votes: Iterable[Block], *, people: bool = False) -> None:
        decoder = msgspec.json.Decoder(_Vote)
        self._asked: defaultdict[str, set[str]] = defaultdict(set)
        for block in votes:
            for row in block.decode(decoder):
                self._asked[identity(row.id)].add(row.annotator)
        kind: type[_Any | _Read] = _Read if people else _Any
        self._decoder: msgspec.json.Decoder[_Any | _Read]
        self._decoder = msgspec.json.Decoder(kind)
        self._tasks: dict[str, Task] = {}

    def add(self, block: Block) -> Result:
        """Make tasks of a block of records; a repeated one is asked once.

        Raises:
            InputError: a record has no `id`, or no `text`, `pred`, `probs` to be shown.
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

    def people(self) -> frozenset[str]:
        """Return the annotators of the ledger, also those of other records."""
        return frozenset().union(*self._asked.values())

    def known(self, gold: Iterable[Block], classes: Iterable[str]) -> tuple[Task, ...]:
        """Return labelled records as questions with known answers.

        Raises:
            InputError: one has no `text`, or a `label` that is not one of the classes.
        """
        decoder, names = msgspec.json.Decoder(_Known), list(classes)
        found: dict[str, Task] = {}
        for block in gold:
            rows = block.decode(decoder)
            labels = class_names(block, [row.label for row in rows])
            lines = zip(rows, labels, block.lines, strict=True)
            for place, (row, label, line) in enumerate(lines):
                if label not in names:
                    listed = ", ".join(names)
                    raise block.error(place, f'label "{label}" is not one of {listed}')
                id = identity(row.id)
                found.setdefault(id, self._task(id, line))
        return tuple(found.values())

    def _task(self, id: str, line: bytes) -> Task:
        return Task(id, line, frozenset(self._asked.get(id, ())))


def open_after(
    tasks: Iterable[Task], votes: Iterable[tuple[str, str]], redundancy: int
) -> int:
    """Count the tasks that lack an answer, after votes as (id, annotator)."""
    said: defaultdict[str, set[str]] = defaultdict(set)
    for id, annotator in votes:
        said[id].add(annotator)
    return sum(
        len(task.asked | said.get(task.id, set())) < redundancy for task in tasks
    )


def vote_line(task: Task, answer: Answer) -> bytes:
    """Return a vote: the record with the answer in place of an earlier one.

    One on a known question has `check`: true, for `merge-labels`.
    """
    from datetime import UTC, datetime

    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    fields = {"label": answer.label, "annotator": answer.annotator, "time": now}
    more = {name: getattr(answer, name) for name in OF_AN_ANSWER}
    fields |= {name: value for name, value in more.items() if value is not None}
    mark = {"check": True} if task.check else {}
    return splice(drop_members(task.line, *OF_A_VOTE), members(fields | mark))
