"""Play the rounds of many runs, in one process or several, and go on after faults."""

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
from alcli.core.report import log
from alcli.core.run import workers
from alcli.simulation.data import Labelled
from alcli.simulation.plan import Run, Settings
from alcli.simulation.round import finished, play
from alcli.simulation.setup import Bench

if TYPE_CHECKING:
    from concurrent.futures import Future

type Heard = list[tuple[str, str]]  # warnings: what all of a kind share, and the words


@dataclass(frozen=True)
class Outcome:
    """What came of a round: its record, or what the run failed of.

    heard: what its steps warned of. memory: the most that a worker held, in bytes.
    """

    result: Record | Exception
    heard: Heard
    memory: int = 0


@dataclass(frozen=True)
class Player:
    """What plays rounds in a process: plain values, to be sent there.

    fixed: a test set of its own.
    """

    data: Labelled
    fixed: Labelled | None
    settings: Settings

    def start(self) -> Callable[[Run, Sequence[Record]], Outcome]:
        """Return what plays a round, and keeps the bench of the last run."""
        benches: dict[tuple[str, int], Bench] = {}

        def one(run: Run, curve: Sequence[Record]) -> Outcome:
            with hearing() as heard:
                try:
                    if run.bench not in benches:
                        benches.clear()  # before there is another: one at a time
                        benches[run.bench] = Bench(
                            self.data, self.fixed, self.settings, *run.bench
                        )
                    return Outcome(play(benches[run.bench], run, curve), heard)
                except Exception as error:
                    return Outcome(portable(error), heard)

        return one


def rounds(
    player: Player, runs: Iterable[Run], curves: Mapping[Run, list[Record]], jobs: int
) -> Iterator[tuple[Run, Outcome]]:
    """Yield what came of each round.

    curves: run -> its rounds so far; a record that was yielded is added. A run that
    fails ends, the others go on. jobs: processes; with 1 the runs are played one after
    the other, here.

    Raises:
        WorkerDied: a process was killed.
    """
    waiting = [run for run in runs if not finished(run, curves[run])]
    if jobs == 1:
        one = player.start()
        for run in waiting:
            yield from _alone(one, run, curves[run])
        return
    with ExitStack() as stack:
        start = partial(Player.start, player)
        yield from _together(
            # a pool for each, to say who plays what: a bench is made once
            [stack.enter_context(workers(start, 1)) for _ in waiting[:jobs]],
            waiting,
            curves,
        )


def _alone(
    one: Callable[[Run, Sequence[Record]], Outcome], run: Run, curve: list[Record]
) -> Iterator[tuple[Run, Outcome]]:
    while not finished(run, curve):
        outcome = one(run, curve)
        if not isinstance(outcome.result, Exception):
            curve.append(outcome.result)
        yield run, outcome
        if isinstance(outcome.result, Exception):
            return


def _together(
    workers: Sequence[Callable[..., Future[tuple[Outcome, int]]]],
    waiting: list[Run],
    curves: Mapping[Run, list[Record]],
) -> Iterator[tuple[Run, Outcome]]:
    from concurrent.futures import FIRST_COMPLETED, wait

    free = list(range(len(workers)))
    benches: dict[int, tuple[str, int]] = {}  # that of each worker
    playing: dict[Future[tuple[Outcome, int]], tuple[int, Run]] = {}
    while waiting or playing:
        while waiting and free:
            worker = free.pop(0)
            run = _suited(waiting, benches.pop(worker, None), benches.values())
            waiting.remove(run)
            benches[worker] = run.bench
            playing[workers[worker](run, curves[run])] = worker, run
        for future in wait(playing, return_when=FIRST_COMPLETED).done:
            worker, run = playing.pop(future)
            outcome, memory = future.result()
            failed = isinstance(outcome.result, Exception)
            if not isinstance(outcome.result, Exception):
                curves[run].append(outcome.result)
            if failed or finished(run, curves[run]):
                free.append(worker)
            else:
                playing[workers[worker](run, curves[run])] = worker, run
            yield run, replace(outcome, memory=memory)


def _suited(
    waiting: Sequence[Run], own: object, others: Iterable[tuple[str, int]]
) -> Run:
    """Return the first run of a worker's own bench, else of one that nobody has."""
    taken = set(others)
    return min(waiting, key=lambda run: (run.bench != own, run.bench in taken))


def portable(error: Exception) -> Exception:
    """Return an error that any process can read; those of a user's file it cannot."""
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
def hearing() -> Iterator[Heard]:
    """Yield the warnings of this thread's steps, and let people hear nothing."""
    heard: Heard = []
    here = get_ident()

    def keep(record: logging.LogRecord) -> bool:
        if record.thread == here and record.levelno >= logging.WARNING:
            heard.append((str(record.msg), record.getMessage()))
        return record.thread != here

    log.addFilter(keep)
    try:
        yield heard
    finally:
        log.removeFilter(keep)
