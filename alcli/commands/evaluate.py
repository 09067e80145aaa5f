"""Measure a checkpoint, or records with `probs`, on labelled records.

Memory: 8 (C + 1) bytes per record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from alcli.cli import options
from alcli.cli.options.settings import from_settings
from alcli.evaluation.settings import EvaluationSettings

if TYPE_CHECKING:
    from alcli.core.run_options import RunOptions


@options.command("evaluate")
@options.inputs
@options.output
@click.option(
    "--append", "curve", type=options.OUTPUT, help="Append the record to this ledger."
)
@from_settings(EvaluationSettings)
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    curve: str | None,
    settings: EvaluationSettings,
    run: RunOptions,
) -> int:
    """Measure a model on labelled records: one JSON record, on stdout or appended.

    \b
      alcli evaluate test.jsonl -m round.model --fail-under macro_f1=0.8
      alcli evaluate test.jsonl -m round.model --stop-set stop.jsonl \\
        --batch batch.jsonl --labelled labelled.jsonl --append curve.jsonl

    Accuracy, balanced accuracy, P / R / F1 (per class, macro, weighted), ROC AUC,
    log loss, Brier, expected calibration error, confusion matrix; 95 % bootstrap
    intervals, stratified by class. Records with a label that the model does not know
    count as wrong.

    Memory: 8 (C + 1) bytes per record.
    """
    from alcli.evaluation.evaluate import evaluate_files

    return int(not evaluate_files(files, output, curve, settings, run))
