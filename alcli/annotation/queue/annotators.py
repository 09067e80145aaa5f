"""Annotators of a task queue, and the holders of its items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Person:
    """State of an annotator; items are indices into the list of all tasks.

    n_answers: number of answers, those of the ledger included. earlier_gold: estimated
    number of these to gold questions among earlier batches. current: new item without
    an answer. Stacks, last item first: answered: items answered in this run; redo:
    items to answer again; gold_queue: gold questions to come, None before first use.
    """

    name: str
    n_answers: int = 0
    earlier_gold: int = 0
    current: int | None = None
    answered: list[int] = field(default_factory=list)
    redo: list[int] = field(default_factory=list)
    gold_queue: list[int] | None = None
    ticket: str | None = None  # of the held item
    shown_at: float = 0.0  # time of the held item's display
    seen_at: float = 0.0  # time of the last request

    @property
    def held(self) -> int | None:
        """Item that this annotator is answering."""
        return self.redo[-1] if self.redo else self.current


class People(dict[str, Person]):
    """Annotators by name, created on first access.

    Holders of an item are kept in the order of `seen_at`, so that expired leases are
    found at the front without a scan.
    """

    def __init__(self) -> None:
        super().__init__()
        self._holders: dict[str, Person] = {}

    def __missing__(self, name: str) -> Person:
        person = self[name] = Person(name)
        return person

    def touch(self, person: Person, now: float) -> None:
        """Update the time of a person's last request."""
        person.seen_at = now
        if self._holders.pop(person.name, None):
            self._holders[person.name] = person

    def hold(self, person: Person) -> None:
        """Mark a person, just touched, as holder of an item."""
        self._holders[person.name] = person

    def drop(self, person: Person) -> bool:
        """Unmark a holder; return True if the person was one."""
        return self._holders.pop(person.name, None) is not None

    def expired(self, latest: float) -> Iterator[Person]:
        """Yield the holders without a request since `latest`.

        The caller drops each one before the next: the iterator looks at the front only.
        """
        while self._holders:
            person = next(iter(self._holders.values()))
            if person.seen_at > latest:
                return
            yield person
