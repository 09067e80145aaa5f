"""Unanswered tasks in order; finding and taking one is O(1) amortised.

Each annotator has a cursor, before which no task is available. Tasks that are returned
later are kept in a short sorted list.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Sequence

from alcli.annotation.queue import Task


class OpenTasks:
    """Open tasks by index; each is taken by up to `redundancy` annotators.

    missing: number of answers still to come.
    """

    def __init__(self, tasks: Sequence[Task], redundancy: int) -> None:
        self._tasks = tasks
        self._free = [max(0, redundancy - len(task.answered_by)) for task in tasks]
        self.missing = sum(self._free)
        self._takers: dict[int, set[str]] = {}  # annotators of this run, by task
        self._returned: list[int] = []  # sorted indices of returned tasks
        self._first = 0  # no task before it is free, except the returned ones
        self._cursors: defaultdict[str, int] = defaultdict(int)  # the same, by name

    def find(self, name: str) -> int | None:
        """Return the index of the first task available to an annotator, or None."""
        for index in self._returned:
            if self._is_available(name, index):
                return index
        size = len(self._tasks)
        while self._first < size and not self._free[self._first]:
            self._first += 1
        for index in range(max(self._first, self._cursors[name]), size):
            if self._free[index] and self._is_available(name, index):
                self._cursors[name] = index
                return index
        self._cursors[name] = size
        return None

    def take(self, name: str, index: int) -> None:
        """Assign a task to an annotator."""
        self._free[index] -= 1
        self._takers.setdefault(index, set()).add(name)
        if not self._free[index] and index in self._returned:
            self._returned.remove(index)

    def give_back(self, name: str, index: int) -> None:
        """Return the task of an annotator who has not answered it."""
        self._free[index] += 1
        self._takers[index].remove(name)
        if index not in self._returned:
            insort(self._returned, index)

    def _is_available(self, name: str, index: int) -> bool:
        takers = self._takers.get(index, ())
        return name not in takers and name not in self._tasks[index].answered_by
