"""Apportionment of a number of seats among strata by largest remainders."""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt
from typing import Any

type Stratum = str | int | float | bool | None


def weights(shares: str, sizes: Mapping[Stratum, int]) -> dict[Stratum, int]:
    """Return the weights of the strata, by their sizes.

    shares: `proportional` to the sizes, `equal`, or to the `sqrt` of the sizes.

    >>> weights("sqrt", {0: 9, 1: 4}) == {0: 3 << 20, 1: 2 << 20}
    True
    """
    if shares == "equal":
        return dict.fromkeys(sizes, 1)
    if shares == "sqrt":
        return {stratum: isqrt(size << 40) for stratum, size in sizes.items()}
    return dict(sizes)


def proportional(n: int, sizes: Mapping[Stratum, int]) -> dict[Stratum, int]:
    """Return n * size / total for each stratum: floor, then largest remainder.

    Ties go to the larger stratum, then to the lower one (numbers before names, none
    last). In whole numbers, so that no rounding decides.

    >>> proportional(10, {0: 50, 1: 30, 2: 20})
    {0: 5, 1: 3, 2: 2}
    >>> proportional(2, {0: 10, 1: 10, 2: 10})
    {0: 1, 1: 1, 2: 0}
    """
    total = sum(sizes.values())
    quotas = {stratum: n * size // total for stratum, size in sizes.items()}
    by_remainder = sorted(
        sizes, key=lambda s: (-(n * sizes[s] % total), -sizes[s], stratum_key(s))
    )
    for stratum in by_remainder[: n - sum(quotas.values())]:
        quotas[stratum] += 1
    return quotas


def stratum_key(stratum: Stratum) -> tuple[bool, bool, Any]:
    """Return a sort key: numbers before names, strata without a value last."""
    if stratum is None:
        return True, True, 0
    return isinstance(stratum, str), False, stratum
