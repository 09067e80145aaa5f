"""Read and write the files of other tools: Prodigy, Label Studio, doccano, CSV, ...

Memory: streams.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, overload

import click

from alcli.cli import options
from alcli.core.errors import BadParameter, UsageError
from alcli.data.formats import formats

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.data.formats.common.relabel import Bins

OURS = "jsonl"


@overload
def convert(source: str | Iterable[Record], **how: Any) -> list[Record]: ...


@overload
def convert(source: str | Iterable[Record], target: str, **how: Any) -> int: ...


def convert(
    source: str | Iterable[Record],
    target: str | None = None,
    *,
    source_format: str = OURS,
    target_format: str = OURS,
    label_from: str | None = None,
    bins: Bins | None = None,
    **params: Any,
) -> list[Record] | int:
    """Return the records of another tool's file; or write one, and count its records.

    source: the path of a file, or records. target: a path, written all or nothing.
    label_from: the field that gives the labels; bins: class -> (lowest, highest)
    number of it. params: parameters of the two formats.

    >>> stars = [{"text": "a", "stars": 5}, {"text": "b", "stars": 3}]
    >>> convert(stars, label_from="stars", bins={"good": (4, 5)})
    [{'text': 'a', 'stars': 5, 'label': 'good'}]

    Raises:
        InputError: something in the file is no record.
        BadParameter: neither format has such a parameter.
    """
    from alcli.core.files import output
    from alcli.data.formats.common.conversion import read_files, read_memory
    from alcli.data.formats.common.pipeline import ConversionPipeline
    from alcli.data.formats.common.stats import ConversionStats

    pipeline = ConversionPipeline(
        formats.get(source_format), formats.get(target_format)
    )
    pipeline.set_params(params)
    stats = ConversionStats()
    checks = pipeline.checks(label_from, bins)
    if isinstance(source, str):
        batches = read_files([source], pipeline.read, stats, **checks)
    else:
        batches = read_memory(source, stats, **checks)
    if target is None:
        return [record for batch in batches for record in batch]
    with output(target) as file:
        pipeline.write(batches, file, stats)
    return stats.counts["written"]


@options.command("convert", epilog=formats.summaries("write", "read"))
@options.inputs
@click.option(
    "--from",
    "source",
    type=options.PluginName(formats),
    default=OURS,
    show_default=True,
    help="The format of the FILEs: a name from below.",
)
@click.option(
    "--to",
    "target",
    type=options.PluginName(formats),
    default=OURS,
    show_default=True,
    help="The format of the output: a name from below.",
)
@options.output
@click.option("--label-from", metavar="FIELD", help="Make `label` from another field.")
@click.option(
    "--bins",
    metavar="BINS",
    help="With --label-from, numbers: negative:1-2,positive:4-5, ends included.",
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

    Fields that the target cannot hold are counted on stderr. With --label-from, records
    without that field, or with a number in none of the --bins, are left out and
    counted. A parameter that both formats have is for both; from.NAME and to.NAME are
    for one. Memory: streams.
    """
    from alcli.core import files as paths
    from alcli.core.report import log, progress
    from alcli.data.formats.common.conversion import read_files
    from alcli.data.formats.common.pipeline import ConversionPipeline
    from alcli.data.formats.common.relabel import parse_bins
    from alcli.data.formats.common.stats import ConversionStats

    if bins is not None and not label_from:
        raise UsageError("--bins goes with --label-from")
    pipeline = ConversionPipeline(formats.get(source), formats.get(target))
    for pair in params:
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadParameter(f"--set {pair}: expected KEY=VALUE")
        pipeline.set_params({key: value}, text=True)
    checks = pipeline.checks(label_from, parse_bins(bins) if bins is not None else None)
    report = options.report()
    with (
        paths.output(output) as out,
        paths.output(rejects) if rejects else nullcontext() as aside,
        progress() as done,
    ):
        stats = ConversionStats(done)
        batches = read_files(
            files,
            pipeline.read,
            stats,
            skip_invalid=skip_invalid,
            rejects=aside,
            **checks,
        )
        pipeline.write(batches, out, stats)
    report.count(stats.counts)
    log.info("%s", report.summary())
    for line in stats.summary_lines():
        log.info("%s", line)
