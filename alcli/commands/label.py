"""Ask people or a program for labels, and append each answer to a ledger of votes.

Memory: the ids of the ledger, and the batch.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import click

from alcli.annotation.labelers import labelers
from alcli.annotation.settings import LabellingSettings
from alcli.cli import options
from alcli.cli.options.settings import from_settings

if TYPE_CHECKING:
    from alcli.core.run_options import RunOptions

_OPTIONS = ("settings", *(field.name for field in fields(LabellingSettings)))


@options.command("label", epilog=labelers.summaries(hidden=_OPTIONS))
@options.inputs
@click.option(
    "--with",
    "labeler",
    type=options.PluginName(labelers),
    required=True,
    help="Labeler: a name from below.",
)
@click.option(
    "--append",
    "ledger",
    required=True,
    type=options.OUTPUT,
    help="Ledger of votes.",
)
@from_settings(LabellingSettings)
@options.params
@options.run_options()
def command(
    files: tuple[str, ...],
    labeler: str,
    ledger: str,
    settings: LabellingSettings,
    params: tuple[str, ...],
    run: RunOptions,
) -> int:
    """Ask people or a program for labels of records, and append them to a ledger.

    \b
      alcli label batch.jsonl --with gold --gold gold.jsonl --append votes.jsonl
      alcli label batch.jsonl --with web --class no --class yes --redundancy 2 \\
        --guidelines guide.md --gold gold.jsonl --append votes.jsonl

    Answers in the ledger are not asked for again, so the command can be restarted at
    any time. Each vote is the whole record with `label`, `annotator` and `time`. The
    status is 1 if people end the labelling while records are open.

    An annotator has one vote per record; with --redundancy K labelling ends when K
    annotators have answered each record. Skipped and unsure are answers, too.

    Gold questions (--check) check annotators: a vote on one has `check`: true;
    `merge-labels` computes their accuracy from it, and omits the question.

    The link to the page of `--with web` has a new random secret, or the one in
    ALCLI_WEB_SECRET: from cron, set it and --port to keep the link. `--with telegram`
    reads the token of the bot from ALCLI_TELEGRAM_TOKEN, names annotators by a hash
    with the key in ALCLI_TELEGRAM_KEY, and its link has a new random secret, or the one
    in ALCLI_TELEGRAM_SECRET.

    Memory: the ids of the ledger, and the batch.
    """
    from alcli.annotation.labelling import label_files

    return int(label_files(files, ledger, labeler, settings, params, run) > 0)
