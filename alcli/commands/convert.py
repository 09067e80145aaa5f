"""Read and write the files of other tools: Prodigy, Label Studio, doccano, CSV, ...

Memory: streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alcli.cli import options
from alcli.cli.options.settings import from_settings
from alcli.data.formats import formats
from alcli.data.formats.common.settings import ConversionSettings

if TYPE_CHECKING:
    from alcli.core.run_options import RunOptions


@options.command("convert", epilog=formats.summaries("write", "read"))
@options.inputs
@options.output
@from_settings(ConversionSettings)
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    settings: ConversionSettings,
    run: RunOptions,
) -> None:
    """Read and write the files of other tools.

    \b
      alcli convert tasks.json --from label-studio -o votes.jsonl
      alcli convert old.csv --from csv --label-from stars \\
        --bins negative:1-2,positive:4-5 -o labelled.jsonl

    The number of values that the output format cannot hold is logged on stderr. With
    --label-from, records without that field, or with a number outside every bin, are
    dropped and counted. A parameter that both formats have applies to both; from.NAME
    and to.NAME apply to one. Memory: streams.
    """
    from alcli.data.formats.common.conversion import convert_files

    convert_files(files, output, settings, run)
