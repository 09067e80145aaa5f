"""A file that a format writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any, BinaryIO

import msgspec

from alcli.data.formats.common.batch import BATCH
from alcli.data.formats.common.tally import Tally

_encoder = msgspec.json.Encoder()


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

    def json_lines(self, items: Sequence[Any]) -> None:
        """Write some lines of JSON."""
        self.write(_encoder.encode_lines(items))

    def json_array(self, items: Iterable[Any]) -> None:
        """Write a JSON array, an element a line: all of the file."""
        before = b"[\n"
        for batch in batched(items, BATCH):
            self.write(before + b",\n".join(map(_encoder.encode, batch)))
            before = b",\n"
        self.write(b"[]\n" if before == b"[\n" else b"\n]\n")
