"""Queue that hands out tasks to annotators and takes their answers, without a server.

At most `redundancy` annotators hold an item at a time. An annotator who leaves without
an answer keeps the item until the lease ends; then the next request gets it. Items are
identified by a random ticket, new for each display. Ids never leave the queue, because
they would reveal the gold questions.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable
from threading import Lock
from typing import NamedTuple

from alcli.annotation.queue import REASONS, Answer, QueueSettings, Task, Vote
from alcli.annotation.queue.annotators import People, Person
from alcli.annotation.queue.gold_checks import (
    gold_order,
    is_gold_turn,
    suggestions_allowed,
)
from alcli.annotation.queue.items import HeldItem, visible_fields
from alcli.annotation.queue.open_tasks import OpenTasks

LEASE = 600.0  # seconds


class NotHandedOut(LookupError):
    """Error: the annotator does not hold the item of this ticket."""


class InvalidAnswer(ValueError):
    """Error: an unknown class, or neither a label nor a reason."""


class Progress(NamedTuple):
    """Progress of the labelling; gold questions count like records.

    done, total: numbers of answers. by_annotator: number of answers by name. open:
    number of answers that records lack.
    """

    done: int
    total: int
    by_annotator: dict[str, int]
    open: int


class TaskQueue:
    """Tasks, their holders, and the answers so far; thread-safe.

    tasks: in the order of display. lease, clock: in seconds. Methods take microseconds
    and never block on input or output.

    Raises:
        UsageError: predictions would reveal the gold questions.
    """

    def __init__(
        self,
        tasks: Iterable[Task],
        settings: QueueSettings,
        *,
        lease: float = LEASE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self._lease, self._clock = settings, lease, clock
        self._lock = Lock()
        tasks = list(tasks)
        ids = {task.id for task in tasks}
        gold = [q._replace(check=True) for q in settings.gold if q.id not in ids]
        self._open_tasks = OpenTasks(tasks, settings.redundancy)
        self._size, self._total = len(tasks), len(tasks) * settings.redundancy
        self._tasks = tasks + gold  # indices from `_size` up are gold questions
        share = settings.check if gold else 0.0
        self._suggest = settings.suggest and (
            not share or suggestions_allowed(tasks, gold)
        )
        self._checks = share / (1 - share)  # gold questions per answer to a record
        self._checked = 0  # answers to gold questions
        self._people = People()
        for task in tasks:
            for name in task.answered_by:
                self._people[name].n_answers += 1
        for name, n in Counter(name for q in gold for name in q.answered_by).items():
            person = self._people[name]
            # the ledger does not say to which batch a gold answer belongs
            here = min(n, round(person.n_answers * self._checks))
            person.n_answers, person.earlier_gold = person.n_answers + n, n - here
            self._checked += here

    @property
    def done(self) -> bool:
        """True if every record is answered, and no annotator corrects an answer."""
        with self._lock:
            latest = self._clock() - self._lease
            people = self._people.values()
            redoing = any(person.redo and person.seen_at > latest for person in people)
            return not self._open_tasks.missing and not redoing

    def next(self, annotator: str) -> HeldItem | None:
        """Return an annotator's held item, else a new one, or None.

        None may be temporary: items that others hold may be returned.
        """
        with self._lock:
            return self._next(self._people[annotator])

    def answer(
        self, annotator: str, ticket: str, label: str | None, reason: str | None = None
    ) -> Vote:
        """Take an answer; return the vote to write before the next display.

        label: a class, or None with a reason, "skipped" or "unsure".

        Raises:
            NotHandedOut: the annotator does not hold the item of this ticket.
            InvalidAnswer: an unknown class, or neither a label nor a reason.
        """
        if label is None and reason not in REASONS:
            raise InvalidAnswer(f"no label: reason is one of {', '.join(REASONS)}")
        if label is not None and (label not in self.settings.classes or reason):
            raise InvalidAnswer(f"label {label!r} is not one of the classes")
        with self._lock:
            person = self._people.get(annotator)
            if not person or person.ticket is None or person.ticket != ticket:
                raise NotHandedOut("this item is not handed out to you")
            index, now = person.held, self._clock()
            assert index is not None  # there is a ticket for it
            person.ticket = None
            person.seen_at = now
            if person.redo:
                person.redo.pop()
            else:
                self._count_answer(person, index)
            person.answered.append(index)
            task = self._tasks[index]
            _, guess, _ = visible_fields(task.line, suggest=self._suggest)
            seconds = round(now - person.shown_at, 2)
            return task, Answer(annotator, label, seconds, reason, guess)

    def undo(self, annotator: str) -> HeldItem | None:
        """Return the item of the annotator's last answer for a new answer, or None.

        The held item follows it. The old answer counts until the new one. Answers of
        earlier runs cannot be undone.
        """
        with self._lock:
            person = self._people[annotator]
            if not person.answered:
                return None
            person.redo.append(person.answered.pop())
            person.ticket = None
            return self._next(person)

    def leave(self, annotator: str) -> None:
        """Return the annotator's held item to the queue at once."""
        with self._lock:
            person = self._people[annotator]
            person.redo.clear()
            self._release(person)

    def progress(self) -> Progress:
        """Return the progress; `done` stays below `total` while records are open."""
        with self._lock:
            mine = {p.name: p.n_answers - p.earlier_gold for p in self._people.values()}
            by = {name: count for name, count in mine.items() if count}
            total = self._total + round(self._total * self._checks)
            missing = self._open_tasks.missing
            done = self._total - missing + self._checked
            return Progress(
                min(done, total - 1) if missing else total, total, by, missing
            )

    # --- methods that expect the lock to be held ---

    def _next(self, person: Person) -> HeldItem | None:
        now = person.seen_at = self._clock()
        for other in self._people.values():
            if other.reserved and other.seen_at <= now - self._lease:
                self._release(other)
        if person.held is None:
            person.current = self._choose(person)
        index = person.held
        if index is None:
            return None
        if person.ticket is None:
            person.ticket, person.shown_at = secrets.token_urlsafe(12), now
        line = self._tasks[index].line
        fields = visible_fields(line, suggest=self._suggest)
        return HeldItem(person.ticket, *fields, bool(person.redo))

    def _choose(self, person: Person) -> int | None:
        """Take the next item for a person: a record, or a gold question if due."""
        index = self._open_tasks.find(person.name)
        if index is None:
            return None
        settings = self.settings
        if is_gold_turn(settings.seed, settings.check, person.name, person.n_answers):
            questions = self._gold_queue(person)
            if questions:
                return questions[-1]
        self._open_tasks.take(person.name, index)
        person.reserved = True
        return index

    def _gold_queue(self, person: Person) -> list[int]:
        if person.gold_queue is None:
            gold = self._tasks[self._size :]
            person.gold_queue = [
                self._size + index
                for index in gold_order(self.settings.seed, person.name, gold)
                if person.name not in gold[index].answered_by
            ]
        return person.gold_queue

    def _count_answer(self, person: Person, index: int) -> None:
        person.n_answers += 1
        person.current = None
        if person.reserved:
            person.reserved = False
            self._open_tasks.missing -= 1
        else:  # a gold question: any number of annotators may answer it
            self._gold_queue(person).pop()
            self._checked += 1

    def _release(self, person: Person) -> None:
        index, person.current = person.current, None
        if not person.redo:
            person.ticket = None
        if person.reserved and index is not None:
            person.reserved = False
            self._open_tasks.give_back(person.name, index)
