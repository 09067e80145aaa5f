"""Allocation of a batch to strata, in proportion to their sizes."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from alcli.numerics.apportionment import Stratum, largest_remainders, stratum_key
from alcli.query.selection.top_n import Entry, ranked


def allocate(
    n: int,
    sizes: Mapping[Stratum, int],
    best: Mapping[Stratum, list[Entry]],
    seed: int,
) -> list[Entry]:
    """Take n entries, each stratum its quota, best first, no key twice.

    A stratum that is short leaves its rest to the others, by the same rule, repeated.
    """
    waiting = {s: deque(best[s]) for s in sorted(sizes, key=stratum_key) if best[s]}
    taken: dict[str, Entry] = {}
    ids: set[str] = set()  # a repeated id may stand for other tokens
    while len(taken) < n and waiting:
        open_sizes = {stratum: sizes[stratum] for stratum in waiting}
        for stratum, quota in largest_remainders(n - len(taken), open_sizes).items():
            goal = len(taken) + quota
            while len(taken) < goal and waiting[stratum]:
                entry = waiting[stratum].popleft()
                if entry.key not in taken and entry.id not in ids:
                    taken[entry.key] = entry
                    ids.add(entry.id)
            if not waiting[stratum]:
                del waiting[stratum]
    return ranked(list(taken.values()), seed)
