"""Writer of curve records, one after each round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec

from alcli.core.files import appending, output
from alcli.core.jsonl import Record
from alcli.core.log import log, progress
from alcli.core.report import Report
from alcli.simulation.plan import RunSpec
from alcli.simulation.round import is_finished
from alcli.simulation.simulation import Simulation


@contextmanager
def open_curve(
    ledger: str | None, target: str, simulation: Simulation
) -> Iterator[tuple[Callable[[Record], None], dict[RunSpec, list[Record]]]]:
    """Yield a function that writes a record, and the completed rounds of each run.

    ledger: file to append to, locked meanwhile; None: `target` is written instead.
    """
    if ledger:
        # lock before reading, so that no other process adds rounds in between
        with appending(ledger) as append:
            done = simulation.completed_rounds(ledger)
            yield lambda record: append([msgspec.json.encode(record)]), done
    else:
        with output(target) as out:

            def write(record: Record) -> None:
                out.write(msgspec.json.encode(record) + b"\n")
                out.flush()

            yield write, {run: [] for run in simulation.runs}


def write_rounds(
    simulation: Simulation,
    curves: Mapping[RunSpec, list[Record]],
    write: Callable[[Record], None],
    *,
    jobs: int,
    report: Report,
) -> None:
    """Play the remaining rounds; write each record, and append it to `curves`.

    report: receives the number of records written and the peak memory of workers.
    """
    done = sum(map(len, curves.values()))
    ended = sum(is_finished(run, curve) for run, curve in curves.items())
    if done:
        log.info(
            "resuming: %d rounds done, %d of %d runs complete", done, ended, len(curves)
        )
    try:
        with progress(
            "simulate", simulation.remaining_rounds(curves), "rounds"
        ) as update:
            for run, record in simulation.play(curves, jobs=jobs):
                write(record)
                report.count({"written": 1})
                ended += is_finished(run, curves[run])
                update(1, f"{ended} of {len(curves)} runs")
    finally:
        report.worker_memory = simulation.memory
    rounds = sum(map(len, curves.values()))
    log.info("%s rounds; %d of %d runs complete", f"{rounds:,}", ended, len(curves))
