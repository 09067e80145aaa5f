"""Settings of a conversion, as options of `alcli convert`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from alcli.core.errors import UsageError
from alcli.core.settings import setting
from alcli.data.formats import formats

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


@dataclass(frozen=True)
class ConversionSettings:
    """Formats, their parameters, and the origin of the labels.

    Raises:
        UsageError: `bins` without `label_from`.
    """

    source: str = setting(
        "jsonl", "--from", plugins=formats, help="Format of the FILEs: a name below."
    )
    target: str = setting(
        "jsonl", "--to", plugins=formats, help="Format of the output: a name below."
    )
    label_from: str | None = setting(
        None, metavar="FIELD", help="Set `label` from another field."
    )
    bins: Mapping[str, tuple[float, float]] | None = setting(
        None,
        metavar="BINS",
        parse=parse_bins,
        help="Classes of the numbers of --label-from, bounds inclusive, such as "
        "negative:1-2,positive:4-5.",
    )
    params: tuple[str, ...] = setting(
        (),
        "--set",
        metavar="KEY=VALUE",
        help="Set a parameter of a format (repeatable).",
    )

    def __post_init__(self) -> None:
        if self.bins is not None and not self.label_from:
            raise UsageError("--bins goes with --label-from")
