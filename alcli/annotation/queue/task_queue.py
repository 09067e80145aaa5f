"""Hand out tasks to annotators and take their answers; there is no server in it.

An item is with one annotator at a time, with as many as redundancy asks for. Who leaves
without an answer keeps it for the time of the lease; then whoever asks next gets it.
What an annotator holds is known by a ticket: it is new each time, and the only name of
an item that leaves the desk, so that nobody tells a known question by its id.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable
from threading import Lock
from typing import NamedTuple

from alcli.annotation.queue import REASONS, Answer, Asking, Task
from alcli.annotation.queue.annotators import People, Person
from alcli.annotation.queue.gold_checks import due, guesses, order
from alcli.annotation.queue.items import Item, shown
from alcli.annotation.queue.open_tasks import Shelf

LEASE = 600.0  # seconds


class NotHandedOut(LookupError):
    """An answer for an item that the annotator does not hold, or not any more."""


class Progress(NamedTuple):
    """Progress: number of answers, and of all; gold questions count like others.

    by: answers by annotator. open: answers that records still lack.
    """

    done: int
    total: int
    by: dict[str, int]
    open: int


class Desk:
    """Knows the tasks, who holds which, and who has answered what.

    tasks: in the order in which they are handed out. lease: seconds. clock: in seconds.
    taken: how many answers were taken; before the end, so many are to be written.
    Methods take microseconds, wait for nothing, and may be called from any thread.

    Raises:
        UsageError: guesses to be shown would tell known questions from the others.
    """

    def __init__(
        self,
        tasks: Iterable[Task],
        asking: Asking,
        *,
        lease: float = LEASE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._asking, self._lease, self._clock = asking, lease, clock
        self._lock = Lock()
        tasks = list(tasks)
        ids = {task.id for task in tasks}
        gold = [q._replace(check=True) for q in asking.gold if q.id not in ids]
        self._shelf = Shelf(tasks, asking.redundancy)
        self._size, self._total = len(tasks), len(tasks) * asking.redundancy
        self._tasks = tasks + gold  # known questions stand behind the others
        share = asking.check if gold else 0.0
        self._suggest = asking.suggest and (not share or guesses(tasks, gold))
        self._checks = share / (1 - share)  # known questions for each answer
        self._checked = 0  # answers to them
        self._people = People()
        self.taken = 0
        for task in tasks:
            for name in task.asked:
                self._people[name].count += 1
        for name, n in Counter(name for q in gold for name in q.asked).items():
            person = self._people[name]
            here = min(n, round(person.count * self._checks))
            person.count, person.earlier = person.count + n, n - here
            self._checked += here

    @property
    def done(self) -> bool:
        """Whether every record is answered, and no annotator is correcting an answer.

        Answers that were taken (see `taken`) may still be on their way to the ledger.
        """
        with self._lock:
            latest = self._clock() - self._lease
            people = self._people.values()
            anew = any(person.again and person.seen > latest for person in people)
            return not self._shelf.missing and not anew

    def next(self, annotator: str) -> Item | None:
        """Return the item of an annotator, else a new one; None: nothing at present.

        Later there may be something: what others hold may come back.
        """
        with self._lock:
            return self._next(self._people[annotator])

    def answer(
        self, annotator: str, ticket: str, label: str | None, reason: str | None = None
    ) -> tuple[Task, Answer]:
        """Take an answer; return the vote to write before the next item is shown.

        label: a class; None with a reason, "skipped" or "unsure".

        Raises:
            NotHandedOut: the annotator does not hold the item of this ticket.
            ValueError: label is no class, or there is neither label nor reason.
        """
        if label is None and reason not in REASONS:
            raise ValueError(f"no label: reason is one of {', '.join(REASONS)}")
        if label is not None and (label not in self._asking.classes or reason):
            raise ValueError(f"label {label!r} is not one of the classes")
        with self._lock:
            person = self._people.get(annotator)
            if not person or person.ticket is None or person.ticket != ticket:
                raise NotHandedOut(ticket)
            place, now = person.in_hand, self._clock()
            assert place is not None  # there is a ticket for it
            person.ticket = None
            self._people.see(person, now)
            if person.again:
                person.again.pop()
            else:
                self._count(person, place)
            person.past.append(place)
            self.taken += 1
            task = self._tasks[place]
            _, guess, _ = shown(task.line, suggest=self._suggest)
            seconds = round(now - person.shown, 2)
            return task, Answer(annotator, label, seconds, reason, guess)

    def undo(self, annotator: str) -> Item | None:
        """Return the item that was answered last, to be answered again; None: no such.

        What the annotator holds comes back after it. Until there is a new answer the
        old one stands. The answers of earlier runs cannot be taken back.
        """
        with self._lock:
            person = self._people[annotator]
            if not person.past:
                return None
            person.again.append(person.past.pop())
            person.ticket = None
            return self._next(person)

    def leave(self, annotator: str) -> None:
        """Give back at once what the annotator holds."""
        with self._lock:
            person = self._people[annotator]
            person.again.clear()
            self._release(person)

    def progress(self) -> Progress:
        """Return the progress."""
        with self._lock:
            mine = {p.name: p.count - p.earlier for p in self._people.values()}
            by = {name: count for name, count in mine.items() if count}
            total = self._total + round(self._total * self._checks)
            missing = self._shelf.missing
            done = self._total - missing + self._checked
            return Progress(
                min(done, total - 1) if missing else total, total, by, missing
            )

    # --- Below, the lock is held ---

    def _next(self, person: Person) -> Item | None:
        now = self._clock()
        self._people.see(person, now)
        for other in self._people.away(now - self._lease):
            self._release(other)
        if person.in_hand is None:
            person.fresh = self._choose(person)
        place = person.in_hand
        if place is None:
            return None
        if person.ticket is None:
            person.ticket, person.shown = secrets.token_urlsafe(12), now
        line = self._tasks[place].line
        what = shown(line, suggest=self._suggest)
        return Item(person.ticket, *what, bool(person.again))

    def _choose(self, person: Person) -> int | None:
        """Find something for a person, and take it."""
        place = self._shelf.find(person.name)
        if place is None:
            return None
        asking = self._asking
        if due(asking.seed, asking.check, person.name, person.count):
            known = self._known(person)
            if known:
                return known[-1]
        self._shelf.take(person.name, place)
        self._people.hold(person)
        return place

    def _known(self, person: Person) -> list[int]:
        if person.known is None:
            gold = self._tasks[self._size :]
            person.known = [
                self._size + place
                for place in order(self._asking.seed, person.name, gold)
                if person.name not in gold[place].asked
            ]
        return person.known

    def _count(self, person: Person, place: int) -> None:
        person.count += 1
        person.fresh = None
        if self._people.drop(person):
            self._shelf.missing -= 1
        else:  # nobody else is kept from a known question
            self._known(person).pop()
            self._checked += 1

    def _release(self, person: Person) -> None:
        place, person.fresh = person.fresh, None
        if not person.again:
            person.ticket = None
        if self._people.drop(person) and place is not None:
            self._shelf.give_back(person.name, place)
