"""State of the annotators of a task queue."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Person:
    """State of an annotator; items are indices into the list of all tasks.

    n_answers: number of answers, those of the ledger included. earlier_gold: estimated
    number of these to gold questions among earlier batches. current: new item without
    an answer. reserved: True if `current` is taken from the open tasks, not a gold
    question. Stacks, last item first: answered: items answered in this run; redo: items
    to answer again; gold_queue: gold questions to come, None before first use.
    """

    name: str
    n_answers: int = 0
    earlier_gold: int = 0
    current: int | None = None
    reserved: bool = False
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
    """Annotators by name, created on first access."""

    def __missing__(self, name: str) -> Person:
        person = self[name] = Person(name)
        return person
