"""Fit a model to labelled records, and write it as one checkpoint file.

Memory: the texts, those of --vocabulary-from too, and their different words or n-grams.
"""

from __future__ import annotations

import click

from alcli.cli import options
from alcli.cli.options.fitting import training_options
from alcli.cli.options.settings import from_settings
from alcli.core.run_options import RunOptions
from alcli.models import architectures
from alcli.models.settings import ModelSettings, TrainingSettings


@options.command("train", epilog=architectures.summaries())
@click.argument("files", metavar="[FILE]...", nargs=-1, type=options.INPUT)
@click.option(
    "-o", "--output", required=True, type=options.OUTPUT, help="Checkpoint to write."
)
@from_settings(ModelSettings, parameter="model")
@options.params
@training_options()
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    model: ModelSettings,
    params: tuple[str, ...],
    training: TrainingSettings,
    run: RunOptions,
) -> None:
    """Fit a model to labelled records, and write it as a checkpoint.

    \b
      alcli train labelled.jsonl -o model.alcli
      alcli train labelled.jsonl --arch cnn --vocabulary-from pool.jsonl \\
        --validation 0.1 --patience 3 -o model.alcli

    Records without a label are skipped. With --epochs 0 only named FILEs are read, and
    --class names the classes. If fewer than two classes have labels, the --init is
    written unchanged, with a warning.

    Memory: the texts, those of --vocabulary-from too, and an entry for each of their
    different words or n-grams.
    """
    if files or training.epochs != 0:  # an untrained model needs no records
        options.reading(files)
    from alcli.models.training.train import train_files

    train_files(files, output, model, params, training, run)
