"""Run whole loops over labelled records: strategies x architectures x seeds.

Memory: the records, and what models read of them, encoded; for each of --jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from alcli.cli import options
from alcli.cli.options.fitting import common_training_options
from alcli.cli.options.simulating import simulation_options
from alcli.core.errors import UsageError
from alcli.models import architectures
from alcli.query.strategies import summaries

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.core.run import RunOptions


def simulate(
    records: Iterable[Record],
    *,
    strategies: Sequence[str] = ("random", "margin"),
    archs: Sequence[str] = ("logreg",),
    seeds: int = 10,
    sizes: Sequence[int] = (100,),
    starts: Sequence[str] = ("random",),
    test: Iterable[Record] | float = 0.2,
    baselines: bool = False,
    jobs: int = 1,
    **settings: Any,
) -> list[Record]:
    """Return the curve records of whole loops over labelled records.

    test: labelled records to measure on; or how many, or which part, each seed holds
    out. seeds: how many, from 0. sizes: of a batch. baselines: train on the whole pool,
    too. settings: fields of `simulation.plan.Settings`, such as until=("labels=1000",).

    Raises:
        UsageError: a name or a parameter that there is not.
        InputError: records lack `id` or the input field, or there are too few.
        RunsFailed: at the end, if some did; its `records` are those that there are.
    """
    from alcli.core.jsonl import to_blocks
    from alcli.simulation.data import DatasetReader
    from alcli.simulation.plan import Settings, grid
    from alcli.simulation.plugin_specs import check_plugin_specs
    from alcli.simulation.simulation import Simulation

    size = test if isinstance(test, (int, float)) else None
    how = Settings(test=size, **settings)
    runs = grid(strategies, archs, range(seeds), sizes, starts, baselines=baselines)
    check_plugin_specs(runs, how)
    data, fixed = DatasetReader(how.input), DatasetReader(how.input)
    for block in to_blocks(records):
        data.add(block)
    if not isinstance(test, (int, float)):
        for block in to_blocks(test):
            fixed.add(block)
    simulation = Simulation(data.data, fixed.data if size is None else None, how, runs)
    played = simulation.play({run: [] for run in simulation.runs}, jobs=jobs)
    found = [record for _, record in played]
    simulation.raise_failed(found)
    return found


@options.command(
    "simulate",
    epilog=summaries(option="-s NAME,KEY=VALUE") + "\n\n" + architectures.summaries(),
)
@options.inputs
@options.output
@simulation_options
@options.field
@common_training_options
@options.jobs
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    curve: str | None,
    test: str | None,
    test_size: float | None,
    strategies_: tuple[str, ...],
    archs: tuple[str, ...],
    sizes: tuple[int, ...],
    starts: tuple[str, ...],
    seeds: int,
    seed: int,
    baselines: bool,
    jobs: int,
    run: RunOptions,
    **how: Any,
) -> None:
    """Run whole active learning loops over labelled records; write their curves.

    \b
      alcli simulate reviews.jsonl --test test.jsonl -s random -s margin \\
        --arch logreg --arch cnn --seeds 10 --until labels=2000 --append curve.jsonl

    Every strategy with every architecture, seed, -n and --start. For one seed they
    share test set, start set and initial weights. A record is what `evaluate` writes
    for a round, and says in its `tags` what was run. With --append a simulation may be
    killed at any moment: started again, it goes on after the last round of each run. A
    run that fails ends, the others go on, and the status is that of the first.

    --start per-class=100 labels 100 records of each class at first, as many tutorials
    do; the pool's true labels choose them, so no loop could. A class that has fewer
    gives all that it has.

    --baselines: paper trains on the whole pool as the rounds do; strong trains networks
    with early stopping, and always logreg, too. Memory: the records, and what models
    read of them, encoded; for each of --jobs.
    """
    from alcli.core.run import RunOptions, collect_files
    from alcli.evaluation.compare import log_comparison
    from alcli.simulation.data import DatasetReader
    from alcli.simulation.output import open_curve, write_rounds
    from alcli.simulation.plan import grid
    from alcli.simulation.plugin_specs import check_plugin_specs
    from alcli.simulation.simulation import Simulation

    if curve and output != "-":
        raise UsageError("either --append or -o")
    if test and test_size:
        raise UsageError("either --test or --test-size")
    report = run.report
    settings = _settings(test=None if test else test_size or 0.2, **how)
    runs = grid(
        strategies_,
        archs,
        range(seed, seed + seeds),
        sizes,
        starts,
        baselines=baselines,
    )
    check_plugin_specs(runs, settings)
    data, fixed = DatasetReader(settings.input), DatasetReader(settings.input)
    collect_files(data, files, run)
    if test:
        collect_files(fixed, [test], RunOptions(report))
    simulation = Simulation(data.data, fixed.data if test else None, settings, runs)
    with open_curve(curve, output, simulation) as (write, curves):
        write_rounds(simulation, curves, write, jobs=jobs, report=report)
        if not report.counts["written"]:  # nothing that an old file should give way to
            simulation.raise_failed()
    log_comparison(record for curve in curves.values() for record in curve)
    simulation.raise_failed()


def _settings(
    *,
    test: float | None,
    field: str | None,
    stop_size: int,
    start_size: int | None,
    noise: float | tuple[float, ...],
    annotators: int | None,
    aggregate: str,
    newest: Literal["first", "last"],
    until: tuple[str, ...],
    validation: str | None,
    class_weight: str,
    calibrate: str,
    order: str,
    **fitting: Any,
) -> Any:
    """Make sure of what can be wrong before a record is read."""
    from alcli.annotation.labelers.gold import error_rates
    from alcli.evaluation.criterion import parse_criterion
    from alcli.simulation.plan import Settings

    for text in until:
        parse_criterion(text)([])
    if fitting["epochs"] == 0:
        raise UsageError("--epochs 0 trains nothing")
    return Settings(
        input=field or "tokens",
        test=test,
        stop=stop_size,
        start=start_size,
        noise=tuple(error_rates(noise, annotators)),
        aggregate=aggregate,
        newest=newest,
        validation=validation,
        class_weight=class_weight,
        calibrate=calibrate,
        fitting={**fitting, "shuffle": order == "shuffle"},
        until=until,
    )
