"""Run a step over blocks, in this process or in several: same order, same lines."""

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

LOOK_AHEAD = 4  # blocks in flight for each worker


def run(
    step: Step, blocks: Iterable[Block], *, jobs: int = 1, skip_invalid: bool = False
) -> Iterator[Result]:
    """Yield the result of each block, in order.

    Raises:
        InputError: a record is bad; with `skip_invalid` such lines are in `rejects`.
        WorkerDied: a process was killed.
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
    each: Callable[[Result], object] | None = None,
) -> Iterator[Record]:
    """Run a step over records in memory: what notebooks call, by the same code.

    each: a function that gets every result, in order, before its records are yielded.
    """
    import msgspec

    for result in run(step, to_blocks(records)):
        if each:
            each(result)
        for line in result.lines:
            yield msgspec.json.decode(line)


@dataclass(frozen=True)
class CollectStep:
    """A step that keeps what it has seen, and so runs in this process alone."""

    work: Work

    def start(self) -> Work:
        """Return the function itself."""
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
    each: Callable[[Result], object] | None = None,
) -> None:
    """Read files, run a step, write what it makes of them: what most commands are.

    files: paths; `-` or nothing is stdin. target: a path, `-` for stdout, None where
    the step only gathers. block: records in a block; without it, about 512 KB.
    each: is told of every result, in order, before its lines are written.
    """
    lines = blocks(files, records=block, ledger=ledger)
    results = run(step, lines, jobs=jobs, skip_invalid=skip_invalid)
    with (
        output(target) if target else nullcontext() as out,
        output(rejects) if rejects else nullcontext() as aside,
        progress() as done,
    ):
        for result in results:
            if each:
                each(result)
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
    """Prepare the next block while a device computes this one."""
    from concurrent.futures import ThreadPoolExecutor

    rest = iter(blocks)
    yield from map(work, islice(rest, 1))  # what is built on first use is built once
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


_work: Callable[..., Any] | None = None  # a worker process has one


@contextmanager
def workers(
    start: Callable[[], Callable[..., Any]], jobs: int
) -> Iterator[Callable[..., Future[tuple[Any, int]]]]:
    """Yield a function that gives a task to one of several processes.

    start: is called once in each of them, and what it returns does the tasks. A task
    comes back with the most that its process has held so far, in bytes.

    Raises:
        WorkerDied: a process was killed.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # not "fork": a notebook has threads by now, and a forked one can wait for ever
    context = get_context("forkserver")
    pool = ProcessPoolExecutor(jobs, context, _start, (start,))
    try:
        yield partial(pool.submit, _call)
    except BrokenProcessPool as error:
        raise WorkerDied(
            "a worker process died (out of memory, or killed); "
            "try fewer --jobs, and a smaller --block where there is one"
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

    # the parent hears of Ctrl-C and ends us
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    Thread(target=_die_with_parent, daemon=True).start()
    global _work
    try:
        _work = start()
    except Exception as error:  # said by the first call: a pool would only break
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
    assert _work is not None  # the initialiser has run
    return _work(*task), peak_memory()
