"""Random splits of records into named shares: test set, stop set, pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import BinaryIO

from alcli.core.errors import InputError
from alcli.core.files import output
from alcli.core.inputs import readable_twice
from alcli.core.jsonl import Record, blocks, to_blocks, write_lines
from alcli.core.log import log
from alcli.core.run import collect, collect_files
from alcli.core.run_options import RunOptions
from alcli.core.step import Block, Result
from alcli.data.settings import ShareFiles, SplitSettings
from alcli.data.splitting import Splitter


def split(
    records: Iterable[Record],
    shares: Mapping[str, float | None],
    *,
    stratify: str | None = None,
    group: str | None = None,
    seed: int = 0,
) -> dict[str, list[Record]]:
    """Return the records of each share, in their order.

    The share of a record depends on the seed and the ids, not on the order of records.

    shares: name -> size, a number of records (1 or more), a fraction of all (below 1),
        or None for the remaining records.
    stratify: field whose values have equal proportions in all shares.
    group: field whose equal values stay in one share; a record without it is a group by
        itself.

    >>> parts = split([{"id": i} for i in range(10)], {"test": 3, "rest": None})
    >>> {name: len(part) for name, part in parts.items()}
    {'test': 3, 'rest': 7}

    Raises:
        UsageError: the fractions exceed 1, two shares have no size, or the fields are
            equal or the id.
        InputError: an id is repeated, the sizes exceed the number of records, or no
            record has one of the fields.
    """
    records = list(records)
    settings = SplitSettings(stratify=stratify, group=group, seed=seed)
    splitter = collect(Splitter(settings), to_blocks(records))
    parts: dict[str, list[Record]] = {name: [] for name in shares}
    for record, share in zip(records, splitter.assign(shares), strict=True):
        if share >= 0:
            parts[list(shares)[share]].append(record)
    return parts


def split_files(
    files: tuple[str, ...], target: ShareFiles, settings: SplitSettings, run: RunOptions
) -> None:
    """Split the records of files, which are read twice; errors as in `split`.

    The files of the shares appear in their order, so that the last one is a sign that
    all are complete.
    """
    splitter = Splitter(settings)
    with readable_twice(files) as paths:
        collect(splitter, blocks(paths), skip_invalid=run.skip_invalid)
        share_of = splitter.assign(target.sizes)
        with ExitStack() as stack:
            # a stack closes backwards, and closing moves a file into place
            opened = [stack.enter_context(output(p)) for p in reversed(target.paths)]
            writer = _ShareWriter(splitter, share_of.tolist(), opened[::-1])
            collect_files(writer, paths, run)
    log.info("%s", run.report.summary())


class _ShareWriter:
    """Collector that writes the lines of each share to its file."""

    def __init__(
        self, splitter: Splitter, share_of: list[int], outputs: Sequence[BinaryIO]
    ) -> None:
        self._splitter, self._share_of, self._outputs = splitter, share_of, outputs
        self._rows = self._blocks = 0  # number of those written

    def add(self, block: Block) -> Result:
        """Write the records of a block."""
        skipped = self._splitter.skipped[self._blocks] - block.skipped_lines
        for number in sorted(skipped):  # invalid for the splitter: a repeated id
            raise InputError("repeated id", source=block.source, line=number)
        self._blocks += 1
        n = len(block.decode(self._splitter.decoder))
        shares = self._share_of[self._rows : self._rows + n]
        self._rows += n
        for share, file in enumerate(self._outputs):
            rows = zip(shares, block.lines, strict=True)
            write_lines(file, [line for where, line in rows if where == share])
        left_out = shares.count(-1)
        return Result([], {"read": n, "written": n - left_out, "no share": left_out})
