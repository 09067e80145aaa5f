"""Measures of agreement between annotators, from votes as parallel arrays.

item, annotator, label: (votes,), integers from 0 up; each pair of item and annotator
occurs at most once. A measure is None where the votes do not determine it: no item has
two votes, or all votes are for one class.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alcli.core.types import Floats, Ints


def vote_counts(item: Ints, label: Ints) -> Floats:
    """Count the votes for each class of each item that has votes, (items, C)."""
    rows = np.unique(item, return_inverse=True)[1].ravel()
    classes = int(label.max(initial=-1)) + 1
    size = int(rows.max(initial=-1)) + 1
    cells = rows.astype(np.int64) * classes + label
    counts = np.bincount(cells, minlength=size * classes).astype(np.float64)
    return counts.reshape(size, classes)


def percent_agreement(counts: Floats) -> float | None:
    """Return the share of agreeing pairs of votes, as a mean over items, in [0, 1].

    counts: (items, C), of `vote_counts`. P-bar of Fleiss (1971); items with one vote
    are left out.
    """
    number = counts.sum(axis=1)
    shared, n = counts[number > 1], number[number > 1]
    if not len(n):
        return None
    return float((((shared**2).sum(axis=1) - n) / (n * (n - 1))).mean())


def fleiss_kappa(counts: Floats) -> float | None:
    """Return (P - Pe) / (1 - Pe) with Pe = sum p_c^2 (Fleiss, 1971, eq. 7).

    counts: (items, C). Where items have different numbers of votes, p_c is the mean of
    the items' shares (Gwet, 2014, eq. 2.14).
    """
    shares = _mean_shares(counts)
    return _chance_corrected(percent_agreement(counts), float((shares**2).sum()))


def gwet_ac1(counts: Floats) -> float | None:
    """Return (P - Pe) / (1 - Pe) with Pe = sum p_c (1 - p_c) / (C - 1).

    counts: (items, C); classes without votes do not count towards C. Gwet (2008), eq. 5
    and 8: stable where one class is rare, where kappa collapses.
    """
    shares = _mean_shares(counts)
    others = np.count_nonzero(shares) - 1
    if others < 1:
        return None
    return _chance_corrected(
        percent_agreement(counts), float((shares * (1 - shares)).sum() / others)
    )


def krippendorff_alpha(counts: Floats) -> float | None:
    """Return 1 - Do / De for nominal data (Krippendorff, 2011, section C).

    counts: (items, C). Annotators may skip items; items with one vote are left out.
    """
    number = counts.sum(axis=1)
    shared, n = counts[number > 1], number[number > 1]
    total = float(n.sum())
    alike = float(((shared * (shared - 1)).sum(axis=1) / (n - 1)).sum())
    classes = shared.sum(axis=0)
    expected = total * (total - 1) - float((classes * (classes - 1)).sum())
    if not expected:
        return None
    return 1 - (total - 1) * (total - alike) / expected


def cohen_kappa(item: Ints, annotator: Ints, label: Ints) -> tuple[float | None, int]:
    """Return kappa, and the number of pairs of annotators behind it.

    For two annotators: (po - pe) / (1 - pe) on their shared items (Cohen, 1960). For
    more: the mean over pairs, weighted by the number of shared items; unreliable where
    pairs share few. Memory: 150 bytes per pair of annotators with a shared item.
    """
    from scipy.sparse import csr_array

    size = (int(annotator.max(initial=-1)) + 1, int(item.max(initial=-1)) + 1)
    if not len(item):
        return None, 0

    def votes(rows: NDArray[np.bool_] | slice) -> Any:
        ones = np.ones(len(item[rows]))
        return csr_array((ones, (annotator[rows], item[rows])), shape=size)

    every = votes(slice(None))
    agreed, chance = csr_array((size[0], size[0])), csr_array((size[0], size[0]))
    for number in np.unique(label):
        of_class = votes(label == number)
        agreed += of_class @ of_class.T
        used = of_class @ every.T  # votes for the class on items shared with each one
        chance += used * used.T
    shared = (every @ every.T).tocoo()
    pairs = shared.row < shared.col
    if not pairs.any():
        return None, 0
    left, right, n = shared.row[pairs], shared.col[pairs], shared.data[pairs]
    po, pe = agreed[left, right] / n, chance[left, right] / n**2
    defined = pe < 1 - 1e-12
    if not defined.any():
        return None, 0
    kappa = (po[defined] - pe[defined]) / (1 - pe[defined])
    return float(np.average(kappa, weights=n[defined])), int(defined.sum())


class PeerAgreement(NamedTuple):
    """Agreement of each annotator with the others, (annotators,).

    items: number of items with votes of others. agreement: mean share of others with
    the same label. chance: expected agreement if labels did not depend on the item.
    Agreement and chance are NaN without shared items.
    """

    items: Ints
    agreement: Floats
    chance: Floats

    @property
    def kappa(self) -> Floats:
        """Cohen's kappa, (annotators,); NaN where the expected agreement is 1."""
        return self._chance_corrected(self.agreement)

    def kappa_upper_bound(self, z: float = 1.645) -> Floats:
        """Return the upper end of kappa's interval, (annotators,).

        Wilson's (1927) interval of the agreement. z: 1.645 is 95 %, one-sided.
        """
        n, a = np.maximum(self.items, 1), self.agreement
        middle = a + z**2 / (2 * n)
        spread = z * np.sqrt(np.maximum(a * (1 - a), 0) / n + (z / (2 * n)) ** 2)
        return self._chance_corrected((middle + spread) / (1 + z**2 / n))

    def _chance_corrected(self, agreement: Floats) -> Floats:
        room = 1 - self.chance
        kappa = np.full(len(room), np.nan)
        np.divide(agreement - self.chance, room, out=kappa, where=room > 1e-12)
        return kappa


def peer_agreement(
    item: Ints,
    annotator: Ints,
    label: Ints,
    annotators: int,
    gold: Ints | None = None,
) -> PeerAgreement:
    """Compare each annotator with the others on the same items.

    item, annotator, label: (votes,). annotators: number of annotators. gold: (items,),
    the true class, or -1 if unknown; a true class replaces the votes of others.
    """
    rows = np.unique(item, return_inverse=True)[1].ravel()
    counts = vote_counts(rows, label)
    known = np.full(len(counts), -1) if gold is None else gold[np.unique(item)]
    number = np.where(known >= 0, 1, counts.sum(axis=1) - 1)[rows]  # (votes,) of others
    compared = number > 0
    rows, number = rows[compared], number[compared]
    annotator, label = annotator[compared], label[compared]
    items = np.bincount(annotator, minlength=annotators)
    n = np.where(items > 0, items, np.nan)
    agreement, chance = np.zeros(annotators), np.zeros(annotators)
    for c in range(counts.shape[1]):
        own = label == c
        others = np.where(known >= 0, known == c, counts[:, c])[rows]
        share = (others - own * (known < 0)[rows]) / number
        agreement += np.bincount(annotator[own], share[own], annotators)
        theirs = np.bincount(annotator, share, annotators)
        chance += np.bincount(annotator[own], minlength=annotators) * theirs
    return PeerAgreement(items, agreement / n, chance / n**2)


def _mean_shares(counts: Floats) -> Floats:
    """Return the mean share of each class, (C,), over all items."""
    if not len(counts):
        return np.zeros(counts.shape[1])
    mean: Floats = (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0)
    return mean


def _chance_corrected(observed: float | None, chance: float) -> float | None:
    if observed is None or chance > 1 - 1e-12:
        return None
    return (observed - chance) / (1 - chance)
