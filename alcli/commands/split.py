"""Split records at random into named shares: test set, stop set, pool.

Memory: 70 bytes per record, 130 with --group or --stratify. The input is read twice; a
pipe is copied first.
"""

from __future__ import annotations

from alcli.cli import options
from alcli.cli.options.settings import from_settings
from alcli.core.run_options import RunOptions
from alcli.data.settings import ShareFiles, SplitSettings


@options.command("split")
@options.inputs
@from_settings(ShareFiles, parameter="target")
@from_settings(SplitSettings)
@options.run_options()
def command(
    files: tuple[str, ...],
    target: ShareFiles,
    settings: SplitSettings,
    run: RunOptions,
) -> None:
    """Split records at random into named shares.

    \b
      alcli split clean.jsonl --share test=1000 --share stop=2000 --share rest \\
        -o 'split.{}.jsonl'
      alcli split labelled.jsonl --share train=0.8 --share test=0.2 \\
        --stratify label --group product -o '{}.jsonl'

    Records without a share are dropped, and counted. The share of a record depends on
    the seed and the ids, not on the order of records. The files appear in the order of
    the shares. Memory: 70 bytes per record, 130 with --group or --stratify; the input
    is read twice.
    """
    for path in target.paths:
        options.writing(path, "-o")
    from alcli.data.split import split_files

    split_files(files, target, settings, run)
