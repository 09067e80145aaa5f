"""Share a batch among strata in proportion to their sizes."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from math import isqrt
from typing import Any

from alcli.pool.best import Entry, ranked

type Stratum = str | int | float | bool | None


def weights(shares: str, sizes: Mapping[Stratum, int]) -> dict[Stratum, int]:
    """Return what a batch is shared in proportion to.

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
        sizes, key=lambda s: (-(n * sizes[s] % total), -sizes[s], place(s))
    )
    for stratum in by_remainder[: n - sum(quotas.values())]:
        quotas[stratum] += 1
    return quotas


def fill(
    n: int,
    sizes: Mapping[Stratum, int],
    best: Mapping[Stratum, list[Entry]],
    seed: int,
) -> list[Entry]:
    """Take n entries, each stratum its quota, best first, no key twice.

    A stratum that is short leaves its rest to the others, by the same rule, repeated.
    """
    waiting = {s: deque(best[s]) for s in sorted(sizes, key=place) if best[s]}
    taken: dict[str, Entry] = {}
    ids: set[str] = set()  # a repeated id may stand for other tokens
    while len(taken) < n and waiting:
        open_sizes = {stratum: sizes[stratum] for stratum in waiting}
        for stratum, quota in proportional(n - len(taken), open_sizes).items():
            goal = len(taken) + quota
            while len(taken) < goal and waiting[stratum]:
                entry = waiting[stratum].popleft()
                if entry.key not in taken and entry.id not in ids:
                    taken[entry.key] = entry
                    ids.add(entry.id)
            if not waiting[stratum]:
                del waiting[stratum]
    return ranked(list(taken.values()), seed)


def place(stratum: Stratum) -> tuple[bool, bool, Any]:
    """Sort numbers before names, and records without a value last."""
    if stratum is None:
        return True, True, 0
    return isinstance(stratum, str), False, stratum
