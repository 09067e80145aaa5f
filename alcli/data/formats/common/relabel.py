"""Make labels of another field: its value, or the bin that a number falls into."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from alcli.core.errors import UsageError
from alcli.core.jsonl import Record
from alcli.data.formats.common.batch import LeftOut, NoRecord

type Bins = Mapping[str, tuple[float, float]]

_NUMBER = r"-?\d+(?:\.\d+)?"
_BIN = re.compile(rf"(.+):({_NUMBER})(?:-({_NUMBER}))?")


def parse_bins(text: str) -> dict[str, tuple[float, float]]:
    """Read `NAME:LOW-HIGH,...`, both ends included; `NAME:VALUE` is one number.

    >>> parse_bins("negative:1-2,positive:4.5-5,neutral:3")
    {'negative': (1.0, 2.0), 'positive': (4.5, 5.0), 'neutral': (3.0, 3.0)}

    Raises:
        UsageError: it is something else, or two bins share a number.
    """
    found: dict[str, tuple[float, float]] = {}
    for part in text.split(","):
        match = _BIN.fullmatch(part)
        if not match:
            raise UsageError(f"--bins {part}: expected NAME:LOW-HIGH, as negative:1-2")
        name, low, high = match[1], float(match[2]), float(match[3] or match[2])
        if name in found or low > high:
            why = "is there twice" if name in found else "ends before it begins"
            raise UsageError(f"--bins {part}: {name} {why}")
        for other, (bottom, top) in found.items():
            if low <= top and bottom <= high:
                raise UsageError(f"--bins {part}: has numbers in common with {other}")
        found[name] = low, high
    return found


class Relabel:
    """Sets `label` from a field."""

    def __init__(self, field: str, bins: Bins | None = None) -> None:
        self.field, self.bins = field, bins

    def __call__(self, record: Record) -> Record:
        """Set the label, and return the record.

        Raises:
            LeftOut: the field says nothing of a label.
            NoRecord: it cannot be one.
        """
        value = record.get(self.field)
        if value is None:
            raise LeftOut(f"without {self.field}")
        if isinstance(value, dict | list):
            raise NoRecord(f'"{self.field}": a list or an object is no label')
        if self.bins is None:
            record["label"] = value if isinstance(value, str) else _as_json(value)
        elif (number := _number(value)) is None:
            what = f"a number is expected for --bins, not {_as_json(value)}"
            raise NoRecord(f'"{self.field}": {what}')
        else:
            record["label"] = self._bin(self.bins, number)
        return record

    def _bin(self, bins: Bins, number: float) -> str:
        for name, (low, high) in bins.items():
            if low <= number <= high:
                return name
        raise LeftOut("outside every bin")


def _as_json(value: Any) -> str:
    import msgspec

    return msgspec.json.encode(value).decode()


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)  # of a column of CSV, too; Persian digits are digits
    except ValueError:
        return None
