"""Apportionment of a number of records among strata, by largest remainders."""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt
from typing import Any

type Stratum = str | int | float | bool | None


def stratum_weights(shares: str, sizes: Mapping[Stratum, int]) -> dict[Stratum, int]:
    """Return the weight of each stratum, from its size.

    shares: `proportional` to the sizes, `equal`, or proportional to their `sqrt`.

    >>> stratum_weights("sqrt", {0: 9, 1: 4}) == {0: 3 << 20, 1: 2 << 20}
    True
    """
    if shares == "equal":
        return dict.fromkeys(sizes, 1)
    if shares == "sqrt":
        # integers, like the other weights: no rounding decides between strata
        return {stratum: isqrt(size << 40) for stratum, size in sizes.items()}
    return dict(sizes)


def largest_remainders(n: int, sizes: Mapping[Stratum, int]) -> dict[Stratum, int]:
    """Allocate n records to strata in proportion to their sizes.

    Each stratum gets the floor of n * size / total; the rest goes to the largest
    remainders. Ties go to the larger stratum, then to the first by `stratum_key`.

    >>> largest_remainders(10, {0: 50, 1: 30, 2: 20})
    {0: 5, 1: 3, 2: 2}
    >>> largest_remainders(2, {0: 10, 1: 10, 2: 10})
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
