"""Diverse records of a shortlist: those that lie far from each other."""

from __future__ import annotations

from collections.abc import Sequence

from alcli.features.vectors import Vectors
from alcli.numerics.distances import centre, nearest
from alcli.numerics.greedy import farthest_first

SHORTLIST = 5  # records of largest utility for each that is asked for


class Diverse:
    """Greedy k-centre on a shortlist; labelled records are centres, too."""

    def __init__(self, vectors: Vectors, labelled: Sequence[str] = ()) -> None:
        self.vectors, self.labelled = vectors, labelled

    def __call__(self, ids: Sequence[str], n: int) -> list[int]:
        """Return n places in a shortlist, best first; of equally far ones the first.

        Raises:
            InputError: a record has no vector.
        """
        x = self.vectors.take(self.vectors.require_rows(ids, "shortlisted records"))
        old = self.vectors.require_rows(self.labelled, "labelled records")
        others = self.vectors.take(old)
        centre(x, others)
        near, _ = nearest(x, others)
        k = min(n, len(x))
        found: list[int] = farthest_first(k, x, near).tolist()
        return found
