"""Run whole loops over labelled records: strategies x architectures x seeds.

Memory: the records, and what models read of them, encoded; for each of --jobs.
"""

from __future__ import annotations

import click

from alcli.cli import options
from alcli.cli.options.fitting import training_options
from alcli.cli.options.settings import from_settings
from alcli.core.run_options import RunOptions
from alcli.models import architectures
from alcli.models.settings import TrainingSettings
from alcli.query.strategies import summaries
from alcli.simulation.settings import SimulationSettings


@options.command(
    "simulate",
    epilog=summaries(option="-s NAME,KEY=VALUE") + "\n\n" + architectures.summaries(),
)
@options.inputs
@options.output
@click.option(
    "--append",
    "ledger",
    type=options.OUTPUT,
    help="Append the records to FILE; its rounds are not played again.",
)
@click.option("--test", type=options.INPUT, help="Labelled records to evaluate on.")
@from_settings(SimulationSettings)
@training_options(without=("seed", "bootstrap", "on_interrupt"))
@options.run_options(jobs_too=True)
def command(
    files: tuple[str, ...],
    output: str,
    ledger: str | None,
    test: str | None,
    settings: SimulationSettings,
    training: TrainingSettings,
    run: RunOptions,
) -> None:
    """Run whole active learning loops over labelled records; write their curves.

    \b
      alcli simulate reviews.jsonl -s random -s margin --append curve.jsonl
      alcli simulate reviews.jsonl --test test.jsonl -s random -s margin \\
        --arch logreg --arch cnn --seeds 10 --until labels=2000 --append curve.jsonl

    Every strategy is combined with every --arch, seed, -n and --start. Runs of one seed
    share test set, start set and initial weights. Each round gives a record as of
    `alcli evaluate`; its `tags` identify the run. With --append a simulation may be
    killed at any moment: the same command resumes each run after its last round. A
    run that fails ends, the others continue, and the exit status is that of the first.

    --start per-class=100 labels 100 records of each class at first, as many tutorials
    do. The gold labels select them, which no real loop can do. Of a class with fewer
    records, all are labelled.

    --baselines trains on the whole pool: "paper" as the rounds do, "strong" with early
    stopping for networks, and logreg in any case, with each --class-weight.

    Memory: the records, and what models read of them, encoded; for each of --jobs.
    """
    from alcli.simulation.simulate import simulate_files

    simulate_files(
        files,
        output,
        settings,
        training=training,
        ledger=ledger,
        test=test,
        run=run,
    )
