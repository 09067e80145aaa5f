"""The annotators at the desk, and which of them holds something since when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Person:
    """An annotator; items are indices into the list of all tasks.

    count: number of answers, with those of the ledger; earlier: number of them to gold
    questions among the records of earlier batches, as far as it is known. fresh: new
    item, not yet answered. past: items answered in this run; again: items to answer
    once more; known: gold questions to come. Of these three the last comes first.
    """

    name: str
    count: int = 0
    earlier: int = 0
    fresh: int | None = None
    past: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    known: list[int] | None = None
    ticket: str | None = None  # of what is in hand
    shown: float = 0.0  # when it was
    seen: float = 0.0  # when this person was last heard of

    @property
    def in_hand(self) -> int | None:
        """Item that this annotator answers now."""
        return self.again[-1] if self.again else self.fresh


class People(dict[str, Person]):
    """Annotators by name, made on first use; holders in the order of `seen`."""

    def __init__(self) -> None:
        super().__init__()
        self._holders: dict[str, Person] = {}

    def __missing__(self, name: str) -> Person:
        person = self[name] = Person(name)
        return person

    def see(self, person: Person, now: float) -> None:
        """Note that a person was heard of."""
        person.seen = now
        if self._holders.pop(person.name, None):
            self._holders[person.name] = person

    def hold(self, person: Person) -> None:
        """Note that a person, just seen, holds what nobody else may have."""
        self._holders[person.name] = person

    def drop(self, person: Person) -> bool:
        """Note that a person holds nothing any more, and say whether that is new."""
        return self._holders.pop(person.name, None) is not None

    def away(self, latest: float) -> Iterator[Person]:
        """Yield the holders who were not seen after `latest`; each is to be dropped."""
        while self._holders:
            person = next(iter(self._holders.values()))
            if person.seen > latest:
                return
            yield person
