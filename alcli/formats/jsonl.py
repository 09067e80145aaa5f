"""Our own records, JSON Lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alcli.core.jsonl import Record
from alcli.exchange.source import Source
from alcli.exchange.target import Target
from alcli.formats import Format


def read(source: Source) -> Iterator[Record]:
    """Yield the objects as they are."""
    return source.objects(torn=False)


def write(records: Iterable[Record], target: Target) -> None:
    """Write the records as they are."""
    target.json_lines(records)


jsonl = Format(read, write, needs=frozenset())
