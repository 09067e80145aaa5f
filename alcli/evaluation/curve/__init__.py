"""The curve of a loop: a ledger with a record for each round's evaluation.

Readers keep the last record of a key, in the place of the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from alcli.core.jsonl import Record, blocks
from alcli.evaluation.curve.schema import LoopRecord

_checker = msgspec.json.Decoder(LoopRecord)
_decoder = msgspec.json.Decoder(dict[str, Any])


def read(path: str) -> list[Record]:
    """Return the rounds of a curve file, the last record of each key.

    Raises:
        InputError: the file is missing, or a record is not one of a curve.
    """
    records: list[Record] = []
    for block in blocks([path], ledger=True):
        block.decode(_checker)
        records += block.decode(_decoder)
    return last_of_each_key(records)


def last_of_each_key(records: Iterable[Record]) -> list[Record]:
    """Return the last record of each key; a record without a key has a unique one."""
    found = {record.get("key", place): record for place, record in enumerate(records)}
    return list(found.values())
