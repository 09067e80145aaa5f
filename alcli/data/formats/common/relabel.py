"""Labels from another field: its value, or the bin of a number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from alcli.core.errors import UsageError
from alcli.core.jsonl import Record
from alcli.data.formats.common.batch import Dropped, Rejected

type Bins = Mapping[str, tuple[float, float]]

_NUMBER = r"-?\d+(?:\.\d+)?"
_BIN = re.compile(rf"(.+):({_NUMBER})(?:-({_NUMBER}))?")


def parse_bins(text: str) -> dict[str, tuple[float, float]]:
    """Parse `NAME:LOW-HIGH,...`, bounds inclusive; `NAME:VALUE` is a single number.

    >>> parse_bins("negative:1-2,positive:4.5-5,neutral:3")
    {'negative': (1.0, 2.0), 'positive': (4.5, 5.0), 'neutral': (3.0, 3.0)}

    Raises:
        UsageError: the syntax is invalid, or two bins overlap.
    """
    found: dict[str, tuple[float, float]] = {}
    for part in text.split(","):
        match = _BIN.fullmatch(part)
        if not match:
            raise UsageError(
                f"--bins {part}: expected NAME:LOW-HIGH, e.g. negative:1-2"
            )
        name, low, high = match[1], float(match[2]), float(match[3] or match[2])
        if name in found or low > high:
            why = "is repeated" if name in found else "has LOW above HIGH"
            raise UsageError(f"--bins {part}: {name} {why}")
        for other, (bottom, top) in found.items():
            if low <= top and bottom <= high:
                raise UsageError(f"--bins {part}: overlaps with {other}")
        found[name] = low, high
    return found


def parse_relabel(label_from: str | None, bins: str | None) -> Relabel | None:
    """Make a Relabel from the values of `--label-from` and `--bins`.

    Raises:
        UsageError: `--bins` is invalid, or stands alone.
    """
    if not label_from:
        if bins is not None:
            raise UsageError("--bins goes with --label-from")
        return None
    return Relabel(label_from, None if bins is None else parse_bins(bins))


class Relabel:
    """Function that sets `label` from another field."""

    def __init__(self, field: str, bins: Bins | None = None) -> None:
        self.field, self.bins = field, bins

    def __call__(self, record: Record) -> Record:
        """Set the label of a record, and return the record.

        Raises:
            Dropped: the field is missing, or its number is outside every bin.
            Rejected: the value cannot be a label.
        """
        value = record.get(self.field)
        if value is None:
            raise Dropped(f"without {self.field}")
        if isinstance(value, dict | list):
            raise Rejected(
                f'"{self.field}": expected a string, number or boolean as label'
            )
        if self.bins is None:
            record["label"] = value if isinstance(value, str) else _as_json(value)
        elif (number := _number(value)) is None:
            what = f"expected a number for --bins, got {_as_json(value)}"
            raise Rejected(f'"{self.field}": {what}')
        else:
            record["label"] = self._bin(self.bins, number)
        return record

    def _bin(self, bins: Bins, number: float) -> str:
        for name, (low, high) in bins.items():
            if low <= number <= high:
                return name
        raise Dropped("outside every bin")


def _as_json(value: Any) -> str:
    import msgspec

    return msgspec.json.encode(value).decode()


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)  # strings too, as from CSV; float() accepts Persian digits
    except ValueError:
        return None
