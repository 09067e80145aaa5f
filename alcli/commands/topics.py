"""Add the most probable topic to every record, or its cluster.

Memory: to fit, the texts, 12 bytes per distinct word of each, and 24 K bytes per text,
or the vectors; to assign, a block. A fit reads the input twice; a pipe is copied first.
"""

from __future__ import annotations

import click

from alcli.cli import options
from alcli.cli.options.settings import from_settings
from alcli.core.run_options import RunOptions
from alcli.features.settings import TopicSettings
from alcli.features.topics.methods import PARAMETER_FUNCTIONS, methods


@options.command(
    "topics", epilog=methods.summaries(*PARAMETER_FUNCTIONS, hidden=["seed"])
)
@options.inputs
@options.output
@click.option(
    "--save", type=options.OUTPUT, help="Write the topics to FILE, for --load."
)
@from_settings(TopicSettings)
@options.params
@options.run_options(jobs_too=True)
def command(
    files: tuple[str, ...],
    output: str,
    save: str | None,
    settings: TopicSettings,
    params: tuple[str, ...],
    run: RunOptions,
) -> None:
    """Add the most probable `topic` of each record, and its probability.

    \b
      alcli topics pool.jsonl --set topics=20 --save topics.model -o topics.jsonl
      alcli topics scored.jsonl --method dbscan --vectors v.arrow | \\
        alcli select -s entropy --stratify topic -n 100

    Topics are fitted on all records, or loaded by --load; then --method and --seed have
    no effect. Existing values of `topic` are replaced. A text without a known word has
    topic -1, as has noise. Input: the `tokens` of `alcli normalize`; for cluster
    methods, the vectors of `alcli score --vectors`.

    The input of a fit is read twice; a pipe is copied first.

    Memory for the fit: the texts, 12 bytes per distinct word of each, and 24 K bytes
    per text, for K topics; or the vectors, two or three times, and for dbscan 12 bytes
    for each pair of neighbours, which is checked before.
    """
    from alcli.features.topics.topics import topics_files

    topics_files(files, output, settings, run, params=params, save=save)
