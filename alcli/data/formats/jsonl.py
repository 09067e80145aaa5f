"""Records of alcli, JSON Lines."""

from __future__ import annotations

from alcli.data.formats import Format
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.target import RecordLists, Target


def read(source: Source) -> RecordBatches:
    """Yield the objects unchanged."""
    return source.objects(arrays=False)


def write(batches: RecordLists, target: Target) -> None:
    """Write the records unchanged."""
    for records in batches:
        target.json_lines(records)


jsonl = Format(read, write, needs=frozenset())
