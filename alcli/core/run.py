"""Runner of a step over blocks, in one process or several, with the same output."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from alcli.core.errors import WorkerDied
from alcli.core.files import output
from alcli.core.jsonl import Record, blocks, to_blocks, write_lines
from alcli.core.report import Report, log, peak_memory, progress
from alcli.core.step import Block, Result, Step, Work, skipping_invalid

if TYPE_CHECKING:
    from concurrent.futures import Future

LOOK_AHEAD = 4  # blocks in flight per worker


def run(
    step: Step, blocks: Iterable[Block], *, jobs: int = 1, skip_invalid: bool = False
) -> Iterator[Result]:
    """Yield the result of each block, in order.

    jobs: number of worker processes; 1 is this process.
    skip_invalid: collect invalid lines in `rejects` instead of raising.

    Raises:
        InputError: a record is invalid.
        WorkerDied: a worker process was killed.
    """
    if jobs > 1:
        yield from _in_workers(step, blocks, jobs, skip_invalid)
        return
    work = step.start()
    work = skipping_invalid(work) if skip_invalid else work
    if getattr(step, "overlaps", False):
        yield from _in_threads(work, blocks)
    else:
        yield from map(work, blocks)


def run_records(
    step: Step,
    records: Iterable[Record],
    on_result: Callable[[Result], object] | None = None,
) -> Iterator[Record]:
    """Yield the records that a step makes of records in memory, as in notebooks.

    on_result: function called with every result, in order, before its records.
    """
    import msgspec

    for result in run(step, to_blocks(records)):
        if on_result:
            on_result(result)
        for line in result.lines:
            yield msgspec.json.decode(line)


@dataclass(frozen=True)
class CollectStep:
    """Step that accumulates state in this process, so it runs without workers.

    work: function or bound method, such as `ledger.add`.
    """

    work: Work

    def start(self) -> Work:
        """Return the `work` function."""
        return self.work


def run_files(
    step: Step,
    files: Sequence[str],
    target: str | None,
    *,
    report: Report,
    jobs: int = 1,
    block: int | None = None,
    ledger: bool = False,
    skip_invalid: bool = False,
    rejects: str | None = None,
    on_result: Callable[[Result], object] | None = None,
) -> None:
    """Run a step over files, write its lines, and count its records.

    files: paths of inputs; `-` or none is stdin.
    target: path of the output, `-` for stdout, None for a step without output.
    report: receives the counts and the memory of workers.
    jobs: number of processes.
    block: records per block; by default about 512 KB.
    ledger: drop a torn last line of the inputs.
    skip_invalid: skip invalid lines; rejects: path of a file for them.
    on_result: function called with every result, in order, before its lines are
        written.

    Raises:
        InputError: a file is unreadable or a record invalid.
        SurroundingsError: the output cannot be written, or a worker was killed.
    """
    lines = blocks(files, records=block, ledger=ledger)
    results = run(step, lines, jobs=jobs, skip_invalid=skip_invalid)
    with (
        output(target) if target else nullcontext() as out,
        output(rejects) if rejects else nullcontext() as aside,
        progress() as done,
    ):
        for result in results:
            if on_result:
                on_result(result)
            if out:
                write_lines(out, result.lines)
            if aside:
                write_lines(aside, result.rejects)
            report.count({"written": len(result.lines)} | result.counts)
            report.worker_memory = max(report.worker_memory, result.memory)
            done(result.counts.get("read", 0))
    if target:
        log.info("%s", report.summary())


def _in_threads(work: Work, blocks: Iterable[Block]) -> Iterator[Result]:
    """Overlap two blocks, so that one is prepared while a device computes the other."""
    from concurrent.futures import ThreadPoolExecutor

    rest = iter(blocks)
    yield from map(work, islice(rest, 1))  # first alone: it builds what both share
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(2)
    try:
        for block in rest:
            waiting.append(pool.submit(work, block))
            if len(waiting) > 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


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


def _in_workers(
    step: Step, blocks: Iterable[Block], jobs: int, skip_invalid: bool
) -> Iterator[Result]:
    waiting: deque[Future[tuple[Result, int]]] = deque()

    def first() -> Result:
        result, memory = waiting.popleft().result()
        result.memory = memory
        return result

    with workers(partial(_begun, step, skip_invalid), jobs) as submit:
        for block in blocks:
            waiting.append(submit(block))
            if len(waiting) >= LOOK_AHEAD * jobs:
                yield first()
        while waiting:
            yield first()


def _begun(step: Step, skip_invalid: bool) -> Work:
    work = step.start()
    return skipping_invalid(work) if skip_invalid else work


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
