"""Output file of a format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any, BinaryIO

import msgspec

from alcli.core.jsonl import Record
from alcli.data.formats.common.batch import BATCH_SIZE
from alcli.data.formats.common.stats import ConversionStats

type RecordLists = Iterable[Sequence[Record]]

_encoder = msgspec.json.Encoder()


class Target:
    """Open output file, with counts of the values that it cannot hold."""

    def __init__(self, file: BinaryIO, stats: ConversionStats) -> None:
        self.stats = stats
        self.write = file.write

    def count_lost(self, field: str) -> None:
        """Count a value of a field as lost."""
        self.stats.lost[field] += 1

    def count_lost_vote(self) -> None:
        """Count a vote without a label as lost."""
        self.count_lost("votes without a label")

    def json_lines(self, items: Sequence[Any]) -> None:
        """Write items as lines of JSON."""
        self.write(_encoder.encode_lines(items))

    def json_array(self, items: Iterable[Any]) -> None:
        """Write a JSON array, an element per line, as the whole file."""
        before = b"[\n"
        for batch in batched(items, BATCH_SIZE):
            self.write(before + b",\n".join(map(_encoder.encode, batch)))
            before = b",\n"
        self.write(b"[]\n" if before == b"[\n" else b"\n]\n")
