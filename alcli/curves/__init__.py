"""The curve of a loop: a ledger with a record for each round's evaluation.

Readers keep the last record of a key, in the place of the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alcli.core.errors import InputError
from alcli.core.jsonl import Record, read_records


def read(path: str) -> list[Record]:
    """Return the rounds of a curve file, the last record of each key.

    Raises:
        InputError: the file is missing, or a record is not one of a curve.
    """
    records = read_records(path, ledger=True)
    for number, record in enumerate(records, 1):
        problem = _problem(record)
        if problem:
            raise InputError(f"record {number}: {problem}", source=path)
    return last_of_each_key(records)


def last_of_each_key(records: Iterable[Record]) -> list[Record]:
    """Return the last record of each key; a record without a key is its own."""
    rounds: dict[Any, Record] = {}
    for place, record in enumerate(records):
        rounds[record.get("key", place)] = record
    return list(rounds.values())


def _problem(record: Record) -> str | None:
    metrics = record.get("metrics")
    if not isinstance(metrics, dict):
        return 'no "metrics" object: is this what `alcli evaluate --append` wrote?'
    if not isinstance(record.get("labels"), int):
        return 'no whole number of "labels"'
    return None
