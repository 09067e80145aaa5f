"""Run a step over blocks, in this process or in several: same order, same lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any

from alcli.core.errors import WorkerDied
from alcli.core.files import output
from alcli.core.jsonl import Record, blocks, encoded, write_lines
from alcli.core.report import Report, log, peak_memory, progress
from alcli.core.step import Block, Result, Step, Work, tolerant

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
    work = tolerant(work) if skip_invalid else work
    if getattr(step, "overlaps", False):
        yield from _in_threads(work, blocks)
    else:
        yield from map(work, blocks)


def over(step: Step, records: Iterable[Record]) -> Iterator[Record]:
    """Run a step over records in memory: what notebooks call, by the same code."""
    import msgspec

    for result in run(step, encoded(records)):
        for line in result.lines:
            yield msgspec.json.decode(line)


@dataclass(frozen=True)
class Local:
    """A step that keeps what it has seen, and so runs in this process alone."""

    work: Work

    def start(self) -> Work:
        """Return the function itself."""
        return self.work


def through(
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
) -> None:
    """Read files, run a step, write what it makes of them: what most commands are.

    files: paths; `-` or nothing is stdin. target: a path, `-` for stdout, None where
    the step only gathers. block: records in a block; without it, about 512 KB.
    """
    lines = blocks(files, records=block, ledger=ledger)
    results = run(step, lines, jobs=jobs, skip_invalid=skip_invalid)
    with (
        output(target) if target else nullcontext() as out,
        output(rejects) if rejects else nullcontext() as aside,
        progress() as done,
    ):
        for result in results:
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
    from concurrent.futures import Future, ThreadPoolExecutor

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


_work: Work | None = None  # a worker process has one


def _in_workers(
    step: Step, blocks: Iterable[Block], jobs: int, skip_invalid: bool
) -> Iterator[Result]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    waiting: deque[Future[Result]] = deque()
    # not "fork": a notebook has threads by now, and a forked one can wait for ever
    context = get_context("forkserver")
    pool = ProcessPoolExecutor(jobs, context, _start, (step, skip_invalid))
    try:
        for block in blocks:
            waiting.append(pool.submit(_call, block))
            if len(waiting) >= LOOK_AHEAD * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise WorkerDied(
            "a worker process died (out of memory, or killed); "
            "try fewer --jobs or a smaller --block"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _start(step: Step, skip_invalid: bool) -> None:
    import signal
    from threading import Thread

    # the parent hears of Ctrl-C and ends us
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    Thread(target=_die_with_parent, daemon=True).start()
    global _work
    try:
        work = step.start()
    except Exception as error:  # said by the first call: a pool would only break
        work = _raising(error)
    _work = tolerant(work) if skip_invalid else work


def _raising(error: Exception) -> Work:
    def work(block: Block) -> Result:
        raise error

    return work


def _die_with_parent() -> None:
    import os
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent: Any = parent_process()
    wait([parent.sentinel])
    os._exit(1)


def _call(block: Block) -> Result:
    assert _work is not None  # the initialiser has run
    result = _work(block)
    result.memory = peak_memory()
    return result
