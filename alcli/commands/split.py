"""Deal records out into named files: test set, stop set, pool.

Memory: 70 bytes per record, 130 with --group or --stratify. The input is read twice; a
pipe is copied aside first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO

import click

from alcli.cli import options
from alcli.core.errors import InputError, UsageError

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.core.run import RunOptions
    from alcli.core.step import Block, Result
    from alcli.data.splitting import Splitter


def split(
    records: Iterable[Record],
    shares: dict[str, float | None],
    *,
    stratify: str | None = None,
    group: str | None = None,
    seed: int = 0,
) -> dict[str, list[Record]]:
    """Return the records of each share, in their order.

    shares: name -> a number of records (1 or more), a part of all (less than 1), or
    None for what is left. stratify: a field whose values keep their proportions.
    group: a field whose equal values stay together. Which share a record is in depends
    on the seed and the ids alone, not on their order.

    >>> parts = split([{"id": i} for i in range(10)], {"test": 3, "rest": None})
    >>> {name: len(part) for name, part in parts.items()}
    {'test': 3, 'rest': 7}

    Raises:
        UsageError: parts are more than all, or two shares have no size.
        InputError: an id is repeated, there are fewer records than asked for, or none
            has a field that is named.
    """
    from alcli.core.jsonl import to_blocks
    from alcli.data.splitting import Splitter

    records = list(records)
    splitter = Splitter(stratify=stratify, group=group, seed=seed)
    for block in to_blocks(records):
        splitter.add(block)
    parts: dict[str, list[Record]] = {name: [] for name in shares}
    for record, share in zip(records, splitter.assign(shares), strict=True):
        if share >= 0:
            parts[list(shares)[share]].append(record)
    return parts


@options.command("split")
@options.inputs
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="PATTERN",
    help="Files to write; {} stands for the share's name: 'split.{}.jsonl'.",
)
@click.option(
    "--share",
    "shares",
    multiple=True,
    required=True,
    metavar="NAME[=SIZE]",
    help="A number of records, or a part of all (0.3); without one: what is left.",
)
@click.option("--stratify", metavar="FIELD", help="Keep the proportions of FIELD.")
@click.option("--group", metavar="FIELD", help="Keep equal values of FIELD together.")
@options.seed
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    shares: tuple[str, ...],
    stratify: str | None,
    group: str | None,
    seed: int,
    run: RunOptions,
) -> None:
    """Split records at random into named shares.

    \b
      alcli split clean.jsonl --share test=1000 --share stop=2000 --share rest \\
        -o 'split.{}.jsonl'

    Records in no share are left out, and counted. Where a record goes depends on the
    seed and the ids alone. The files appear in the order of the shares. Memory: 70
    bytes per record, 130 with --group or --stratify; the input is read twice.
    """
    from alcli.core.inputs import readable_twice
    from alcli.core.jsonl import blocks
    from alcli.core.run import collect, collect_files
    from alcli.data.splitting import Splitter

    sizes = dict(map(_size, shares))
    if "{}" not in output or len(sizes) < len(shares):
        raise UsageError("-o needs {} for the shares' names, which must differ")
    targets = [output.replace("{}", name) for name in sizes]
    for path in targets:
        options.writing(path, "-o")
    splitter = Splitter(stratify=stratify, group=group, seed=seed)
    with readable_twice(files) as paths:
        collect(splitter, blocks(paths), skip_invalid=run.skip_invalid)
        share_of = splitter.assign(sizes)
        with ExitStack() as stack:
            outputs = _open_all(stack, targets)
            writer = _ShareWriter(splitter, share_of.tolist(), outputs)
            collect_files(writer, paths, run)
    from alcli.core.report import log

    log.info("%s", run.report.summary())


def _size(text: str) -> tuple[str, float | None]:
    name, separator, size = text.partition("=")
    try:
        value = float(size) if separator else None
    except ValueError:
        value = 0.0
    good = value is None or 0 < value < 1 or (value >= 1 and value.is_integer())
    if not name or "/" in name or not good:
        raise UsageError(f"--share {text}: expected NAME, NAME=1000 or NAME=0.3")
    return name, value


def _open_all(stack: ExitStack, paths: Sequence[str]) -> list[BinaryIO]:
    """Open so that the first is moved into place first: a stack closes backwards."""
    from alcli.core.files import output

    return [stack.enter_context(output(path)) for path in reversed(paths)][::-1]


class _ShareWriter:
    """Collector that writes the lines of each share to its file."""

    def __init__(
        self, splitter: Splitter, share_of: list[int], outputs: list[BinaryIO]
    ) -> None:
        self._splitter, self._share_of, self._outputs = splitter, share_of, outputs
        self._rows = self._blocks = 0  # number of those written

    def add(self, block: Block) -> Result:
        """Write the records of a block."""
        from alcli.core.jsonl import write_lines
        from alcli.core.step import Result

        skipped = self._splitter.skipped[self._blocks] - block.skipped_lines
        for number in sorted(skipped):  # invalid for the splitter: a repeated id
            raise InputError("was refused", source=block.source, line=number)
        self._blocks += 1
        n = len(block.decode(self._splitter.decoder))
        shares = self._share_of[self._rows : self._rows + n]
        self._rows += n
        for share, file in enumerate(self._outputs):
            rows = zip(shares, block.lines, strict=True)
            write_lines(file, [line for where, line in rows if where == share])
        left_out = shares.count(-1)
        return Result([], {"read": n, "written": n - left_out, "no share": left_out})
