"""The curve of a loop: a ledger with a record for each round's evaluation.

Readers keep the last record of a key, in the place of the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from alcli.core.jsonl import Record, blocks
from alcli.evaluation.curve import reading

_decoder = msgspec.json.Decoder(dict[str, Any])


def read(path: str) -> list[Record]:
    """Return the rounds of a curve file, the last record of each key.

    Raises:
        InputError: the file is missing, or a record is not one of a curve.
    """
    records: list[Record] = []
    for block in blocks([path], ledger=True):
        rows = block.decode(_decoder)
        for place, record in enumerate(rows):
            if problem := _problem(record):
                raise block.error(place, problem)
        records += rows
    return last_of_each_key(records)


def last_of_each_key(records: Iterable[Record]) -> list[Record]:
    """Return the last record of each key; a record without a key is its own."""
    found: dict[Any, Record] = {}
    for place, record in enumerate(records):
        found[record.get("key", place)] = record
    return list(found.values())


def _problem(record: Record) -> str | None:
    metrics = record.get("metrics")
    if not isinstance(metrics, dict):
        return 'no "metrics" object: is this what `alcli evaluate --append` wrote?'
    if type(record.get("labels")) is not int:
        return 'no whole number of "labels"'
    if not isinstance(record.get("key", ""), str):
        return '"key" is not a string'
    for name, value in metrics.items():
        if type(value) not in (int, float):
            return f'metric "{name}" is not a number'
    return reading.problem(record)
