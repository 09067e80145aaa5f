"""Session of labelling by people at a server, in a thread beside the main one."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Lock, Thread

from alcli.annotation.queue import Save
from alcli.annotation.queue.task_queue import TaskQueue
from alcli.core.errors import SurroundingsError

_TICK = 0.2  # seconds


class LabellingEnded(Exception):
    """Error: the session is over, so the answer is not written."""


class LabellingSession:
    """Task queue whose answers are on disk before they are acknowledged.

    save: writes votes durably. pause: seconds without an answer before the end, in
    which the last answer can be undone. complete: True after an end because all tasks
    are answered. failure: exception that ended the session.
    """

    def __init__(self, queue: TaskQueue, save: Save, *, pause: float) -> None:
        self.queue, self.complete = queue, False
        self.failure: BaseException | None = None
        self._save, self._pause = save, pause
        self._lock = Lock()  # the end comes before an answer, or after it is on disk
        self._ended = Event()
        self._latest = time.monotonic()

    @property
    def over(self) -> bool:
        """True if answers are refused."""
        return self._ended.is_set()

    def answer(
        self, annotator: str, ticket: str, label: str | None, reason: str | None = None
    ) -> None:
        """Take an answer; it is on disk when this returns. See `TaskQueue.answer`.

        Raises:
            NotHandedOut, InvalidAnswer: as in `TaskQueue.answer`.
            LabellingEnded: the session is over, or the answer cannot be written.
        """
        with self._lock:
            if self.over:
                raise LabellingEnded("alcli has ended; this answer is lost")
            vote = self.queue.answer(annotator, ticket, label, reason)
            try:
                self._save([vote])
            except BaseException as error:
                self.end(error)
                raise LabellingEnded("alcli has ended; this answer is lost") from error
            self._latest = time.monotonic()

    def end(self, failure: BaseException | None = None) -> None:
        """End the session; of several calls the first counts."""
        if not self.over:
            self.failure = failure
            self._ended.set()

    def run(
        self,
        serve: Callable[[], None],
        stop: Callable[[], None] = lambda: None,
        *,
        seconds: float,
        farewell: float = 0.0,
    ) -> None:
        """Run a server in a thread until all tasks are answered, or `end` is called.

        serve: runs the server. stop: makes `serve` return, if `over` does not. seconds:
        time for this at most; farewell: additional time if the session is complete.

        Raises:
            BaseException: the failure that ended the session.
        """
        thread = Thread(target=self._serve, args=(serve,), daemon=True)
        thread.start()
        try:
            while not self._ended.wait(_TICK):
                with self._lock:
                    last = self._latest + self._pause
                    if self.queue.done and time.monotonic() >= last:
                        self.complete = True
                        self.end()
        finally:
            self.end()  # a signal came
            stop()
            thread.join(seconds + farewell * self.complete)
        if self.failure:
            raise self.failure

    def _serve(self, serve: Callable[[], None]) -> None:
        try:
            serve()
            self.end(SurroundingsError("the server has stopped"))
        except BaseException as error:
            self.end(error)
