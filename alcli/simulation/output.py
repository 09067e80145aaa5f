"""A simulation is played, and each curve record written as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec

from alcli.core.files import appending, output
from alcli.core.jsonl import Record
from alcli.core.report import Report, log, progress
from alcli.simulation.plan import Run
from alcli.simulation.round import finished
from alcli.simulation.simulation import Simulation


@contextmanager
def sink(
    ledger: str | None, target: str, simulation: Simulation
) -> Iterator[tuple[Callable[[Record], None], dict[Run, list[Record]]]]:
    """Yield what writes a record, and what each run has already.

    ledger: a file that is added to, locked meanwhile; or target, a new one.
    """
    if ledger:
        with appending(ledger) as append:  # first the lock, then what stands there
            yield (
                lambda record: append([msgspec.json.encode(record)]),
                simulation.done(ledger),
            )
    else:
        with output(target) as out:

            def write(record: Record) -> None:
                out.write(msgspec.json.encode(record) + b"\n")
                out.flush()

            yield write, {run: [] for run in simulation.runs}


def play_and_write(
    simulation: Simulation,
    curves: Mapping[Run, list[Record]],
    write: Callable[[Record], None],
    *,
    jobs: int,
    report: Report,
) -> None:
    """Play what is left of the runs; write each round, and add it to `curves`.

    report: is told how many, and the memory that workers took.
    """
    done = sum(map(len, curves.values()))
    ended = sum(finished(run, curve) for run, curve in curves.items())
    if done:
        log.info("%d rounds are done, %d of %d runs", done, ended, len(curves))
    try:
        with progress("simulate", simulation.left(curves), "rounds") as tell:
            for run, record in simulation.play(curves, jobs=jobs):
                write(record)
                report.count({"written": 1})
                ended += finished(run, curves[run])
                tell(1, f"{ended} of {len(curves)} runs")
    finally:
        report.worker_memory = simulation.memory
    rounds = sum(map(len, curves.values()))
    log.info(
        "%s rounds; %d of %d runs are at their end", f"{rounds:,}", ended, len(curves)
    )
