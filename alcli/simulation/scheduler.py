"""Scheduler of rounds: many runs, one or more processes; a failed run ends alone."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING

from alcli.core.errors import SurroundingsError
from alcli.core.jsonl import Record
from alcli.core.log import log
from alcli.core.workers import workers
from alcli.simulation.data import Dataset
from alcli.simulation.plan import RunSpec
from alcli.simulation.round import is_finished, play_round
from alcli.simulation.settings import SimulationSettings
from alcli.simulation.setup import Setup

if TYPE_CHECKING:
    from concurrent.futures import Future

type CapturedWarnings = list[tuple[str, str]]  # (format, message)


@dataclass(frozen=True)
class RoundOutcome:
    """Result of a round: its record, or the exception that ended the run.

    warnings: warnings of its steps, muted so far. memory: peak of the worker, in bytes.
    """

    result: Record | Exception
    warnings: CapturedWarnings
    memory: int = 0


@dataclass(frozen=True)
class RoundPlayer:
    """Inputs of a worker: plain values, picklable.

    fixed: separate test set, if any.
    """

    data: Dataset
    fixed: Dataset | None
    settings: SimulationSettings

    def start(self) -> Callable[[RunSpec, Sequence[Record]], RoundOutcome]:
        """Return a function that plays a round; it caches the last `Setup`."""
        setups: dict[tuple[str, int], Setup] = {}

        def play_one(run: RunSpec, curve: Sequence[Record]) -> RoundOutcome:
            with captured_warnings() as warnings:
                try:
                    if run.setup_key not in setups:
                        setups.clear()  # first: memory holds one at a time
                        setups[run.setup_key] = Setup(
                            self.data, self.fixed, self.settings, *run.setup_key
                        )
                    return RoundOutcome(
                        play_round(setups[run.setup_key], run, curve), warnings
                    )
                except Exception as error:
                    return RoundOutcome(picklable_error(error), warnings)

        return play_one


def play_rounds(
    player: RoundPlayer,
    runs: Iterable[RunSpec],
    curves: Mapping[RunSpec, list[Record]],
    jobs: int,
) -> Iterator[tuple[RunSpec, RoundOutcome]]:
    """Yield the outcome of each round.

    curves: run -> its rounds so far; every yielded record is appended. A failed run
    ends, the others continue. jobs: number of processes; 1: the runs are played in
    order, in this process.

    Raises:
        WorkerDied: a worker process was killed.
    """
    waiting = [run for run in runs if not is_finished(run, curves[run])]
    if jobs == 1:
        play_one = player.start()
        for run in waiting:
            yield from _play_in_order(play_one, run, curves[run])
        return
    with ExitStack() as stack:
        start = partial(RoundPlayer.start, player)
        yield from _play_in_parallel(
            # one pool per worker, to assign runs to it: a setup is then built once
            [stack.enter_context(workers(start, 1)) for _ in waiting[:jobs]],
            waiting,
            curves,
        )


def _play_in_order(
    play_one: Callable[[RunSpec, Sequence[Record]], RoundOutcome],
    run: RunSpec,
    curve: list[Record],
) -> Iterator[tuple[RunSpec, RoundOutcome]]:
    while not is_finished(run, curve):
        outcome = play_one(run, curve)
        if not isinstance(outcome.result, Exception):
            curve.append(outcome.result)
        yield run, outcome
        if isinstance(outcome.result, Exception):
            return


def _play_in_parallel(
    workers: Sequence[Callable[..., Future[tuple[RoundOutcome, int]]]],
    waiting: list[RunSpec],
    curves: Mapping[RunSpec, list[Record]],
) -> Iterator[tuple[RunSpec, RoundOutcome]]:
    from concurrent.futures import FIRST_COMPLETED, wait

    free = list(range(len(workers)))
    setups: dict[int, tuple[str, int]] = {}  # worker -> setup key
    playing: dict[Future[tuple[RoundOutcome, int]], tuple[int, RunSpec]] = {}
    while waiting or playing:
        while waiting and free:
            worker = free.pop(0)
            run = _next_run(waiting, setups.pop(worker, None), setups.values())
            waiting.remove(run)
            setups[worker] = run.setup_key
            playing[workers[worker](run, curves[run])] = worker, run
        for future in wait(playing, return_when=FIRST_COMPLETED).done:
            worker, run = playing.pop(future)
            outcome, memory = future.result()
            failed = isinstance(outcome.result, Exception)
            if not isinstance(outcome.result, Exception):
                curves[run].append(outcome.result)
            if failed or is_finished(run, curves[run]):
                free.append(worker)
            else:
                playing[workers[worker](run, curves[run])] = worker, run
            yield run, replace(outcome, memory=memory)


def _next_run(
    waiting: Sequence[RunSpec], own: object, others: Iterable[tuple[str, int]]
) -> RunSpec:
    """Return the first run with the worker's setup, else with one no worker has."""
    taken = set(others)
    return min(waiting, key=lambda run: (run.setup_key != own, run.setup_key in taken))


def picklable_error(error: Exception) -> Exception:
    """Return an error that unpickles in any process.

    Classes of a user's file do not: a RuntimeError with the traceback replaces them.
    """
    if type(error).__module__.startswith("alcli."):
        return error
    if isinstance(error, MemoryError):
        return SurroundingsError("out of memory")
    if isinstance(error, OSError):
        return SurroundingsError(str(error))
    found = RuntimeError(f"{type(error).__name__}: {error}")
    found.add_note("".join(traceback.format_exception(error)))
    return found


@contextmanager
def captured_warnings() -> Iterator[CapturedWarnings]:
    """Yield a list that collects the warnings of this thread, and mute its log."""
    warnings: CapturedWarnings = []
    here = get_ident()

    def keep(record: logging.LogRecord) -> bool:
        if record.thread == here and record.levelno >= logging.WARNING:
            warnings.append((str(record.msg), record.getMessage()))
        return record.thread != here

    log.addFilter(keep)
    try:
        yield warnings
    finally:
        log.removeFilter(keep)
