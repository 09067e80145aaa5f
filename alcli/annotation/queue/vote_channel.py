"""Channel of votes from a server's event loop to the main thread, with confirmation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue

from alcli.annotation.queue import Answer, Task
from alcli.annotation.queue.task_queue import TaskQueue

_TICK = 0.2  # seconds
type Vote = tuple[Task, Answer]


class LabellingEnded(Exception):
    """Error: the labelling has ended, so a late vote is not written."""


class VoteChannel:
    """Queue of votes: the event loop puts them in, the main thread takes them out.

    The loop waits for the confirmation of each vote, so an annotator gets no
    acknowledgement of a vote that is not on disk.
    """

    def __init__(self) -> None:
        self._waiting: SimpleQueue[tuple[Vote, Future[None]] | None] = SimpleQueue()
        self._taken: Future[None] | None = None
        self._closed = False

    async def keep(self, vote: Vote) -> None:
        """Put a vote in, and wait until it is on disk.

        Raises:
            LabellingEnded: the channel is closed.
        """
        written: Future[None] = Future()
        written.set_running_or_notify_cancel()  # a cancelled wait keeps the vote
        self._waiting.put((vote, written))
        if self._closed:
            self.close()
        await asyncio.wrap_future(written)

    def end(self) -> None:
        """Ask the main thread to end the labelling, after the votes put in before."""
        self._waiting.put(None)

    def votes(
        self, queue: TaskQueue, *, watch: Callable[[], None], pause: float = 0.0
    ) -> Iterator[Vote]:
        """Yield votes until all tasks are answered; the caller writes each at once.

        watch: called while no vote comes; raises if the server has failed. pause:
        seconds without a vote before the end, in which the last answer can be undone.

        Raises:
            LabellingEnded: after `end`.
        """
        written, latest = 0, time.monotonic()
        while (
            not queue.done or written < queue.taken or time.monotonic() < latest + pause
        ):
            if vote := self.take(_TICK):
                yield vote
                self.confirm()
                written, latest = written + 1, time.monotonic()
            else:
                watch()

    def take(self, seconds: float) -> Vote | None:
        """Return the next vote within a timeout, or None; `confirm` must follow.

        Raises:
            LabellingEnded: after `end`.
        """
        try:
            found = self._waiting.get(timeout=seconds)
        except Empty:
            return None
        if found is None:
            raise LabellingEnded
        vote, self._taken = found
        return vote

    def confirm(self) -> None:
        """Confirm that the vote taken last is on disk."""
        assert self._taken is not None
        self._taken.set_result(None)
        self._taken = None

    def close(self) -> None:
        """Close the channel: every `keep` from now on raises `LabellingEnded`."""
        self._closed = True
        # a signal may arrive between the confirmation and its bookkeeping
        if self._taken and not self._taken.done():
            self._taken.set_exception(LabellingEnded())
        self._taken = None
        with suppress(Empty):
            while True:  # never blocks: the event loop may be emptying it, too
                if found := self._waiting.get_nowait():
                    found[1].set_exception(LabellingEnded())
