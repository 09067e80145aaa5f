"""Diverse records of a shortlist: greedy k-centre on vectors."""

from __future__ import annotations

from collections.abc import Sequence

from alcli.features.vectors import Vectors
from alcli.numerics.distances import centre, nearest
from alcli.numerics.greedy import farthest_first

SHORTLIST = 5  # length of the shortlist per record to select


def diverse_rows(
    vectors: Vectors, ids: Sequence[str], labelled: Sequence[str], n: int
) -> list[int]:
    """Return n rows of a shortlist, each the farthest from those before; ties: first.

    ids: of the shortlist, best first. labelled: ids of more centres.

    Raises:
        InputError: a record has no vector.
    """
    x = vectors.take(vectors.require_rows(ids, "shortlisted records"))
    others = vectors.take(vectors.require_rows(labelled, "labelled records"))
    centre(x, others)
    near, _ = nearest(x, others)
    found: list[int] = farthest_first(min(n, len(x)), x, near).tolist()
    return found
