"""Unanswered tasks in order; finding and taking one is O(1) amortised.

Each annotator has a place up to which everything was looked at; what is given back
later stands in a short list of its own.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Sequence

from alcli.annotation.queue import Task


class Shelf:
    """Tasks by their places, each to be taken by so many annotators.

    missing: how many answers there are to come.
    """

    def __init__(self, tasks: Sequence[Task], redundancy: int) -> None:
        self._tasks = tasks
        self._free = [max(0, redundancy - len(task.asked)) for task in tasks]
        self.missing = sum(self._free)
        self._with: dict[int, set[str]] = {}  # who holds it, or answered it since
        self._returned: list[int] = []  # sorted places of what is free again
        self._first = 0  # nothing before it is free, but for what was returned
        self._places: defaultdict[str, int] = defaultdict(int)  # the same, for one

    def find(self, name: str) -> int | None:
        """Return the place of the first task that an annotator may have."""
        for place in self._returned:
            if self._may_have(name, place):
                return place
        size = len(self._tasks)
        while self._first < size and not self._free[self._first]:
            self._first += 1
        for place in range(max(self._first, self._places[name]), size):
            if self._free[place] and self._may_have(name, place):
                self._places[name] = place
                return place
        self._places[name] = size
        return None

    def take(self, name: str, place: int) -> None:
        """Give a task to an annotator."""
        self._free[place] -= 1
        self._with.setdefault(place, set()).add(name)
        if not self._free[place] and place in self._returned:
            self._returned.remove(place)

    def give_back(self, name: str, place: int) -> None:
        """Take a task from an annotator who has not answered it."""
        self._free[place] += 1
        self._with[place].remove(name)
        if place not in self._returned:
            insort(self._returned, place)

    def _may_have(self, name: str, place: int) -> bool:
        had = self._with.get(place, ())
        return name not in had and name not in self._tasks[place].asked
