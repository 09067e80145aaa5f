"""Worker processes that end with their parent, and report their peak memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from alcli.core.errors import WorkerDied
from alcli.core.report import peak_memory

if TYPE_CHECKING:
    from concurrent.futures import Future

_work: Callable[..., Any] | None = None  # of a worker process


@contextmanager
def workers(
    start: Callable[[], Callable[..., Any]], jobs: int
) -> Iterator[Callable[..., Future[tuple[Any, int]]]]:
    """Start worker processes; yield the function that submits a task to them.

    The future of a task has its result and the peak memory of its process, in bytes.

    start: called once in each worker; it returns the function that runs tasks.
    jobs: number of workers.

    Raises:
        WorkerDied: a worker process was killed.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # not "fork": it deadlocks if a thread, as notebooks have them, holds a lock
    context = get_context("forkserver")
    pool = ProcessPoolExecutor(jobs, context, _start, (start,))
    try:
        yield partial(pool.submit, _call)
    except BrokenProcessPool as error:
        raise WorkerDied(
            "a worker process died (out of memory, or killed); "
            "use fewer --jobs, or a smaller --block if the command has one"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _start(start: Callable[[], Callable[..., Any]]) -> None:
    import signal
    from threading import Thread

    # Ctrl-C reaches the whole process group; the parent ends its workers itself
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    Thread(target=_die_with_parent, daemon=True).start()
    global _work
    try:
        _work = start()
    except Exception as error:  # raised by the first task: here it breaks the pool
        _work = _raising(error)


def _raising(error: Exception) -> Callable[..., Any]:
    def work(*task: Any) -> Any:
        raise error

    return work


def _die_with_parent() -> None:
    import os
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent: Any = parent_process()
    wait([parent.sentinel])
    os._exit(1)


def _call(*task: Any) -> tuple[Any, int]:
    assert _work is not None  # set by the initialiser
    return _work(*task), peak_memory()
