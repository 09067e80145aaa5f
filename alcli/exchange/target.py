"""A file that a format writes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import batched
from typing import Any, BinaryIO

import msgspec

from alcli.exchange.tally import Tally

BATCH = 1000  # records that are in memory at a time


class Target:
    """An open file, as a format sees it; `lose` counts fields that it cannot hold."""

    def __init__(self, file: BinaryIO, tally: Tally) -> None:
        self.tally = tally
        self.write = file.write

    def lose(self, field: str) -> None:
        """Count a field of a record that is not written."""
        self.tally.lost[field] += 1

    def lose_vote(self) -> None:
        """Count a vote without a label, which is not written as one."""
        self.tally.lost["votes without a label"] += 1

    def json_lines(self, items: Iterable[Any]) -> None:
        """Write JSON Lines."""
        encode = msgspec.json.Encoder().encode_lines
        for batch in batched(items, BATCH):
            self.write(encode(batch))

    def json_array(self, items: Iterable[Any]) -> None:
        """Write a JSON array, an element a line."""
        encode = msgspec.json.Encoder().encode
        before = b"[\n"
        for batch in batched(items, BATCH):
            self.write(before + b",\n".join(map(encode, batch)))
            before = b",\n"
        self.write(b"[]\n" if before == b"[\n" else b"\n]\n")
