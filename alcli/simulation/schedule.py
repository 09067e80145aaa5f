"""Play the rounds of many runs, in one process or several, and go on after faults."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from alcli.core.jsonl import Record
from alcli.core.report import log
from alcli.core.run import workers
from alcli.simulation.bench import Bench
from alcli.simulation.data import Labelled
from alcli.simulation.plan import Run, Settings
from alcli.simulation.rounds import finished, play

if TYPE_CHECKING:
    from concurrent.futures import Future

type Outcome = Record | Exception
KEPT = 2  # benches that a process keeps: of those runs that stand side by side


@dataclass(frozen=True)
class Player:
    """What plays rounds in a process: plain values, to be sent there.

    fixed: a test set of its own.
    """

    data: Labelled
    fixed: Labelled | None
    settings: Settings

    def start(self) -> Callable[[Run, Sequence[Record]], Record]:
        """Return `play`, which keeps what runs share."""
        benches: dict[tuple[str, int], Bench] = {}

        def one(run: Run, curve: Sequence[Record]) -> Record:
            key = run.arch, run.seed
            bench = benches.pop(key, None) or Bench(
                self.data, self.fixed, self.settings, *key
            )
            benches[key] = bench  # the newest last
            while len(benches) > KEPT:
                del benches[next(iter(benches))]
            with quiet():
                return play(bench, run, curve)

        return one


def rounds(
    player: Player, runs: Iterable[Run], curves: Mapping[Run, list[Record]], jobs: int
) -> Iterator[tuple[Run, Outcome, int]]:
    """Yield each round's record, or what a run failed of, and a worker's peak memory.

    curves: run -> its rounds so far; a record that was yielded is added. A run that
    fails ends, the others go on. jobs: processes; with 1 the runs are played one after
    the other, here.

    Raises:
        WorkerDied: a process was killed.
    """
    waiting = deque(run for run in runs if not finished(run, curves[run]))
    if jobs == 1:
        one = player.start()
        for run in waiting:
            yield from _alone(one, run, curves[run])
        return
    with workers(partial(Player.start, player), jobs) as submit:
        yield from _together(submit, waiting, curves, jobs)


def _alone(
    one: Callable[[Run, Sequence[Record]], Record], run: Run, curve: list[Record]
) -> Iterator[tuple[Run, Outcome, int]]:
    while not finished(run, curve):
        try:
            record = one(run, curve)
        except Exception as error:
            yield run, error, 0
            return
        curve.append(record)
        yield run, record, 0


def _together(
    submit: Callable[..., Future[tuple[Any, int]]],
    waiting: deque[Run],
    curves: Mapping[Run, list[Record]],
    jobs: int,
) -> Iterator[tuple[Run, Outcome, int]]:
    from concurrent.futures import FIRST_COMPLETED, wait
    from concurrent.futures.process import BrokenProcessPool

    playing: dict[Future[tuple[Any, int]], Run] = {}
    while waiting or playing:
        while waiting and len(playing) < jobs:
            run = waiting.popleft()
            playing[submit(run, curves[run])] = run
        for future in wait(playing, return_when=FIRST_COMPLETED).done:
            run = playing.pop(future)
            try:
                record, peak = future.result()
            except BrokenProcessPool:
                raise
            except Exception as error:
                yield run, error, 0
                continue
            curves[run].append(record)
            if not finished(run, curves[run]):  # its process has what it needs
                playing[submit(run, curves[run])] = run
            yield run, record, peak


@contextmanager
def quiet() -> Iterator[None]:
    """Let the steps of a round say nothing but warnings, and each of those once."""
    level = log.level
    log.setLevel(max(log.getEffectiveLevel(), logging.WARNING))
    log.addFilter(_once)
    try:
        yield
    finally:
        log.removeFilter(_once)
        log.setLevel(level)


_said: set[str] = set()


def _once(record: logging.LogRecord) -> bool:
    new = record.msg not in _said
    _said.add(record.msg)
    return new
