"""Add class probabilities to every record, and signals.

Memory: the model, and two blocks of records.
"""

from __future__ import annotations

import click

from alcli.cli import options
from alcli.cli.options.settings import from_settings
from alcli.core.run_options import RunOptions
from alcli.query.scoring.settings import PASSES, ScoringSettings
from alcli.query.signals import signals


@options.command("score", epilog=signals.summaries(option="--signal"))
@options.inputs
@options.output
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    required=True,
    type=options.INPUT,
    help="Checkpoint; several are a committee (repeatable).",
)
@from_settings(ScoringSettings)
@click.option(
    "--set",
    "params",
    multiple=True,
    metavar="passes=N",
    help=f"Number of dropout passes, for signals of one network.  [default: {PASSES}]",
)
@click.option(
    "--vectors",
    type=options.OUTPUT,
    help="Write the vector of each record to an Arrow file, for `select --vectors`.",
)
@options.run_options(jobs_too=True)
def command(
    files: tuple[str, ...],
    output: str,
    models: tuple[str, ...],
    settings: ScoringSettings,
    params: tuple[str, ...],
    vectors: str | None,
    run: RunOptions,
) -> None:
    """Add class probabilities `probs` and the most probable class `pred`.

    \b
      alcli score pool.jsonl -m model.alcli -o scored.jsonl
      alcli score pool.jsonl -m a.alcli -m b.alcli -m c.alcli --signal vote-entropy \\
        --exclude votes.jsonl -o scored.jsonl

    Vectors are the input of a network's last layer, or for linear models a truncated
    SVD of their features, fitted with the vocabulary; they do not depend on the other
    records. Their file is complete before stdout closes.

    Memory: the model, and twice --block records; for a --signal of opinions also
    --block x opinions x classes x 12 bytes.
    """
    from alcli.query.scoring.score import score_files

    score_files(files, output, models, settings, run, params=params, vectors=vectors)
