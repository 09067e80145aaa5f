"""Read and write the files of other tools: Prodigy, Label Studio, doccano, CSV, ...

Memory: streams.
"""

from __future__ import annotations

import click

from alcli.cli import options
from alcli.data.formats import formats


@options.command("convert", epilog=formats.summaries("write", "read"))
@options.inputs
@click.option(
    "--from",
    "source",
    type=options.PluginName(formats),
    default="jsonl",
    show_default=True,
    help="Format of the FILEs: a name from below.",
)
@click.option(
    "--to",
    "target",
    type=options.PluginName(formats),
    default="jsonl",
    show_default=True,
    help="Format of the output: a name from below.",
)
@options.output
@click.option("--label-from", metavar="FIELD", help="Set `label` from another field.")
@click.option(
    "--bins",
    metavar="BINS",
    help="Classes of the numbers of --label-from, bounds inclusive: "
    "negative:1-2,positive:4-5.",
)
@options.params
@options.invalid
def command(
    files: tuple[str, ...],
    source: str,
    target: str,
    output: str,
    label_from: str | None,
    bins: str | None,
    params: tuple[str, ...],
    skip_invalid: bool,
    rejects: str | None,
) -> None:
    """Read and write the files of other tools.

    \b
      alcli convert tasks.json --from label-studio -o votes.jsonl
      alcli convert old.csv --from csv --label-from stars \\
        --bins negative:1-2,positive:4-5 -o labelled.jsonl

    The number of values that the output format cannot hold is reported on stderr. With
    --label-from, records without that field, or with a number outside every bin, are
    dropped and counted. A parameter that both formats have applies to both; from.NAME
    and to.NAME apply to one. Memory: streams.
    """
    from alcli.data.formats.common.conversion import ConversionOptions, convert_files

    convert_files(
        files,
        output,
        ConversionOptions(source, target, params, label_from, bins),
        report=options.report(),
        skip_invalid=skip_invalid,
        rejects=rejects,
    )
