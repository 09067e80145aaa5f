"""Labels from another field: its value, or the bin of a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from alcli.core.jsonl import Record
from alcli.data.formats.common.batch import Dropped, Rejected
from alcli.data.formats.common.settings import Bins


def relabelling(field: str, bins: Bins | None = None) -> Callable[[Record], Record]:
    """Return a function that sets the label of a record, and returns the record.

    bins: class -> (lowest, highest) number of it. The function raises Dropped if the
    field is missing or its number is outside every bin, and Rejected if its value
    cannot be a label.
    """

    def relabel(record: Record) -> Record:
        value = record.get(field)
        if value is None:
            raise Dropped(f"without {field}")
        if isinstance(value, dict | list):
            raise Rejected(f'"{field}": expected a string, number or boolean as label')
        if bins is None:
            record["label"] = value if isinstance(value, str) else _json(value)
        elif (number := _number(value)) is None:
            problem = f"expected a number for --bins, got {_json(value)}"
            raise Rejected(f'"{field}": {problem}')
        else:
            record["label"] = _bin(bins, number)
        return record

    return relabel


def _bin(bins: Bins, number: float) -> str:
    for name, (low, high) in bins.items():
        if low <= number <= high:
            return name
    raise Dropped("outside every bin")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)  # strings too, as from CSV; float() accepts Persian digits
    except ValueError:
        return None
