"""Runner of a step over blocks, in one process or several, with the same output."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from alcli.core.collector import Collector
from alcli.core.files import output
from alcli.core.jsonl import Record, blocks, to_blocks, write_lines
from alcli.core.log import log, progress
from alcli.core.run_options import RunOptions
from alcli.core.step import Block, Result, Step, Work, skipping_invalid
from alcli.core.workers import workers

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
    """Step that adds blocks to a collector in this process, so it needs no workers."""

    collector: Collector

    def start(self) -> Work:
        """Return the collector's `add`."""
        return self.collector.add


def run_files(
    step: Step,
    files: Sequence[str],
    target: str | None,
    options: RunOptions,
    *,
    ledger: bool = False,
    on_result: Callable[[Result], object] | None = None,
) -> None:
    """Run a step over files, write its lines, and count its records.

    files: paths of inputs; `-` or none is stdin.
    target: path of the output, `-` for stdout, None for a step without output.
    ledger: drop a torn last line of the inputs.
    on_result: function called with every result, in order, before its lines are
        written.

    Raises:
        InputError: a file is unreadable or a record invalid.
        SurroundingsError: the output cannot be written, or a worker was killed.
    """
    report, skip_invalid = options.report, options.skip_invalid
    results = run(
        step,
        blocks(files, records=options.block, ledger=ledger, max_line=options.max_line),
        jobs=options.jobs,
        skip_invalid=skip_invalid,
    )
    with (
        output(target) if target else nullcontext() as out,
        output(options.rejects) if options.rejects else nullcontext() as aside,
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


def collect_files[C: Collector](
    collector: C, files: Sequence[str], options: RunOptions, *, ledger: bool = False
) -> C:
    """Add the blocks of files to a collector, count its records, and return it.

    ledger: drop a torn last line of the inputs.

    Raises:
        InputError: a file is unreadable or a record invalid.
    """
    run_files(CollectStep(collector), files, None, options, ledger=ledger)
    return collector


def collect[C: Collector](
    collector: C, blocks: Iterable[Block], *, skip_invalid: bool = False
) -> C:
    """Add blocks to a collector, and return it.

    Raises:
        InputError: a record is invalid, and `skip_invalid` is false.
    """
    for _ in run(CollectStep(collector), blocks, skip_invalid=skip_invalid):
        pass
    return collector


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
