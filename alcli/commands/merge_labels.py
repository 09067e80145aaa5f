"""Merge all votes on a record into one label.

Memory: 80 bytes per vote, 130 per id, and the records with votes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from alcli.annotation.aggregators import aggregators
from alcli.annotation.settings import MergeSettings
from alcli.cli import options
from alcli.cli.options.settings import from_settings

if TYPE_CHECKING:
    from alcli.core.run_options import RunOptions


@options.command("merge-labels", epilog=aggregators.summaries())
@options.inputs
@options.output
@click.option(
    "--records",
    multiple=True,
    type=options.INPUT,
    help="Read the other fields from FILE, not from the votes (repeatable).",
)
@click.option(
    "--gold",
    type=options.INPUT,
    help="Records with known labels, which are kept, and to which annotators are "
    "compared. Ids without an answer are ignored.",
)
@from_settings(MergeSettings)
@click.option("--disputed", type=options.OUTPUT, help="Write ids without a label.")
@click.option(
    "--relabel",
    type=options.OUTPUT,
    help="Write the records to label again, the least certain first.",
)
@click.option(
    "--annotators",
    type=options.OUTPUT,
    help="Write a record for each annotator. accuracy: agreement with the known "
    "answer, else with the label of the other votes on the id (ties shared, ids with "
    "three votes or more), or null; quality: null for fewer than 5 comparable items; "
    "probably_spammer: kappa with the others is at most 0.2, with 95 % confidence.",
)
@click.option(
    "--agreement", type=options.OUTPUT, help="Write the agreement of annotators."
)
@options.params
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    records: tuple[str, ...],
    gold: str | None,
    settings: MergeSettings,
    params: tuple[str, ...],
    run: RunOptions,
    **asides: str | None,
) -> None:
    """Merge all votes on each id into one labelled record.

    \b
      alcli merge-labels votes.jsonl --records pool.jsonl -o labelled.jsonl
      alcli merge-labels votes.jsonl --aggregate dawid-skene --gold gold.jsonl \\
        --disputed disputed.jsonl -o labelled.jsonl

    An annotator's later vote replaces the earlier one. Ids with tied votes or without
    an answer are left out and counted. The input is the whole ledger.

    Records with known labels (--gold) are in the output if they have votes. Gold
    questions of `label` (all votes on the id have `check`: true) are not, and --records
    may lack them; annotators are compared to their labels all the same. A model's
    `probs`, which crowdlab needs, are fields of the records.

    Use majority for records with few votes, or with fewer than three annotators;
    dawid-skene for records with several votes, and annotators with many.

    Memory: 80 bytes per vote, 130 per id, and the records with votes; other aggregators
    than majority 100 per vote more, and dawid-skene 24 C^2 bytes per annotator (C
    classes).
    """
    from alcli.annotation.votes.files import merge_files

    merge_files(
        files,
        output,
        settings,
        params,
        records=records,
        gold=gold,
        asides={name: path for name, path in asides.items() if path},
        run=run,
    )
