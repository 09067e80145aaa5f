"""Simulation of active learning over labelled records, in memory or in files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from alcli.core.errors import UsageError
from alcli.core.jsonl import Record, to_blocks
from alcli.core.run import collect, collect_files
from alcli.core.run_options import RunOptions
from alcli.core.settings import split_settings
from alcli.evaluation.compare import log_comparison
from alcli.models.settings import TrainingSettings
from alcli.simulation.data import DatasetReader
from alcli.simulation.output import open_curve, write_rounds
from alcli.simulation.plugin_specs import check_plugin_specs
from alcli.simulation.settings import TEST_SIZE, SimulationSettings
from alcli.simulation.simulation import Simulation


def simulate(
    records: Iterable[Record],
    *,
    test: Iterable[Record] | float = TEST_SIZE,
    jobs: int = 1,
    **settings: Any,
) -> list[Record]:
    """Return the curve records of whole loops over labelled records.

    test: labelled records to evaluate on, or the size of the test set that each seed
    holds out, a number or a share. jobs: number of processes. settings: fields of
    `SimulationSettings`, such as `strategies=["margin"]` and `until=["labels=1000"]`,
    and of `TrainingSettings`.

    Raises:
        UsageError: a name or a parameter is unknown.
        InputError: records lack `id` or the input field, or are too few.
        RunsFailed: at the end, if a run failed; its `records` are those of the others.
    """
    own, training = split_settings(SimulationSettings, settings)
    training |= training.pop("fitting", {})
    size = test if isinstance(test, (int, float)) else None
    planned = SimulationSettings(
        test_size=size, training=TrainingSettings(**training), **own
    )
    check_plugin_specs(planned)
    data = collect(DatasetReader(planned.input), to_blocks(records)).data
    fixed = None
    if not isinstance(test, (int, float)):
        fixed = collect(DatasetReader(planned.input), to_blocks(test)).data
    simulation = Simulation(data, fixed, planned)
    curves: dict[Any, list[Record]] = {run: [] for run in simulation.runs}
    found = [record for _, record in simulation.play(curves, jobs=jobs)]
    simulation.raise_failed(found)
    return found


def simulate_files(
    files: tuple[str, ...],
    output: str,
    settings: SimulationSettings,
    *,
    training: TrainingSettings,
    ledger: str | None,
    test: str | None,
    run: RunOptions,
) -> None:
    """Simulate over the records of files, and write each round as it ends.

    ledger: file to which rounds are appended, and whose rounds are done; None: `output`
    is written. test: file of labelled records to evaluate on.

    Raises:
        UsageError, InputError, RunsFailed: as `simulate`; options that exclude each
            other, or a ledger of other data.
    """
    if ledger and output != "-":
        raise UsageError("either --append or -o")
    if test and settings.test_size:
        raise UsageError("either --test or --test-size")
    size = None if test else settings.test_size or TEST_SIZE
    settings = replace(settings, test_size=size, training=training)
    check_plugin_specs(settings)
    reading = run._replace(jobs=1)
    data = collect_files(DatasetReader(settings.input), files, reading).data
    fixed = None
    if test:
        others = RunOptions(run.report)
        fixed = collect_files(DatasetReader(settings.input), [test], others).data
    simulation = Simulation(data, fixed, settings)
    with open_curve(ledger, output, simulation) as (write, curves):
        write_rounds(simulation, curves, write, jobs=run.jobs, report=run.report)
        if not run.report.counts["written"]:  # an old file stays
            simulation.raise_failed()
    log_comparison(record for curve in curves.values() for record in curve)
    simulation.raise_failed()
