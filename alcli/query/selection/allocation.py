"""Allocation of a batch to strata, by their weights."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from alcli.numerics.apportionment import Stratum, largest_remainders, stratum_key
from alcli.query.selection.top_n import Candidate, ranked


def allocate(
    n: int,
    weights: Mapping[Stratum, int],
    best: Mapping[Stratum, list[Candidate]],
    seed: int,
) -> list[Candidate]:
    """Return n candidates, best first: of each stratum its quota, no key or id twice.

    The unfilled quota of a stratum goes to the others by the same rule, repeatedly.

    best: candidates of each stratum, best first.
    """
    waiting = {s: deque(best[s]) for s in sorted(weights, key=stratum_key) if best[s]}
    taken: dict[str, Candidate] = {}
    ids: set[str] = set()  # records of one id may differ in their texts
    while len(taken) < n and waiting:
        open_weights = {stratum: weights[stratum] for stratum in waiting}
        for stratum, quota in largest_remainders(n - len(taken), open_weights).items():
            goal = len(taken) + quota
            while len(taken) < goal and waiting[stratum]:
                candidate = waiting[stratum].popleft()
                if candidate.key not in taken and candidate.id not in ids:
                    taken[candidate.key] = candidate
                    ids.add(candidate.id)
            if not waiting[stratum]:
                del waiting[stratum]
    return ranked(list(taken.values()), seed)
