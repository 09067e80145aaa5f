"""Records of alcli, JSON Lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common.batch import FileBatch
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.target import Target


def read(source: Source) -> Iterator[FileBatch[Record]]:
    """Yield the objects unchanged."""
    return source.objects(torn=False)


def write(batches: Iterable[Sequence[Record]], target: Target) -> None:
    """Write the records unchanged."""
    for records in batches:
        target.json_lines(records)


jsonl = Format(read, write, needs=frozenset())
