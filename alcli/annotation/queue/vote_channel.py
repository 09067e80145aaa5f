"""Answers on their way from an event loop in a thread to the ledger, and word back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue

from alcli.annotation.queue import Answer, Task
from alcli.annotation.queue.task_queue import Desk

_TICK = 0.2  # seconds
type Vote = tuple[Task, Answer]


class Ended(Exception):
    """The labelling is over: an answer came too late, or somebody closed it."""


class Inbox:
    """The loop puts votes in and waits; the main thread takes them out."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[tuple[Vote, Future[None]] | None] = SimpleQueue()
        self._taken: Future[None] | None = None
        self._closed = False

    async def keep(self, vote: Vote) -> None:
        """Wait until a vote is on disk.

        Raises:
            Ended: nobody takes it any more.
        """
        kept: Future[None] = Future()
        kept.set_running_or_notify_cancel()  # who stops waiting takes nothing back
        self._waiting.put((vote, kept))
        if self._closed:
            self.close()
        await asyncio.wrap_future(kept)

    def end(self) -> None:
        """Let whoever takes votes stop."""
        self._waiting.put(None)

    def votes(
        self, desk: Desk, *, watch: Callable[[], None], pause: float = 0.0
    ) -> Iterator[Vote]:
        """Yield votes until all tasks are answered; each is to be kept at once.

        watch: called while nothing comes; raises if nothing more will. pause: seconds
        without an answer before the end, in which the last one can be undone.

        Raises:
            Ended: somebody wants an end.
        """
        kept, latest = 0, time.monotonic()
        while not desk.done or kept < desk.taken or time.monotonic() < latest + pause:
            if vote := self.take(_TICK):
                yield vote
                self.kept()
                kept, latest = kept + 1, time.monotonic()
            else:
                watch()

    def take(self, seconds: float) -> Vote | None:
        """Return a vote that comes within so many seconds; `kept` must follow.

        Raises:
            Ended: somebody wants an end.
        """
        try:
            found = self._waiting.get(timeout=seconds)
        except Empty:
            return None
        if found is None:
            raise Ended
        vote, self._taken = found
        return vote

    def kept(self) -> None:
        """Confirm that the vote is on disk."""
        assert self._taken is not None
        self._taken.set_result(None)
        self._taken = None

    def close(self) -> None:
        """Fail all who wait, and will wait: their votes are not kept."""
        self._closed = True
        if self._taken and not self._taken.done():  # a signal may come just after that
            self._taken.set_exception(Ended())
        self._taken = None
        with suppress(Empty):
            while True:  # the loop may be in here too, so nobody waits for more
                if found := self._waiting.get_nowait():
                    found[1].set_exception(Ended())
