"""Agreement of annotators beyond chance, from votes as parallel arrays.

item, annotator, label: (votes,) integers from 0 up, a pair of item and annotator once
at most. A measure that the votes do not determine is None: nobody shares an item, or
there is but one class.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]


def table(item: Ints, label: Ints) -> Floats:
    """Count the votes for each class of each item that has votes, (items, C)."""
    rows = np.unique(item, return_inverse=True)[1].ravel()
    classes = int(label.max(initial=-1)) + 1
    size = int(rows.max(initial=-1)) + 1
    cells = rows.astype(np.int64) * classes + label
    counts = np.bincount(cells, minlength=size * classes).astype(np.float64)
    return counts.reshape(size, classes)


def percent(counts: Floats) -> float | None:
    """Return the share of pairs of votes that agree, as a mean over items, in [0, 1].

    counts: (items, C), of `table`. Fleiss (1971), P-bar; items with one vote are out.
    """
    number = counts.sum(axis=1)
    shared, n = counts[number > 1], number[number > 1]
    if not len(n):
        return None
    return float((((shared**2).sum(axis=1) - n) / (n * (n - 1))).mean())


def fleiss_kappa(counts: Floats) -> float | None:
    """Return (P - Pe) / (1 - Pe) with Pe = sum p_c^2 (Fleiss, 1971, eq. 7).

    Where items have different numbers of votes, p_c is the mean of the items' shares
    (Gwet, 2014, eq. 2.14). counts: (items, C).
    """
    shares = _shares(counts)
    return _beyond(percent(counts), float((shares**2).sum()))


def gwet_ac1(counts: Floats) -> float | None:
    """Return (P - Pe) / (1 - Pe) with Pe = sum p_c (1 - p_c) / (C - 1).

    Gwet (2008), eq. 5 and 8. It holds where one class is rare and kappa collapses.
    counts: (items, C); a class that nobody voted for is none.
    """
    shares = _shares(counts)
    others = np.count_nonzero(shares) - 1
    if others < 1:
        return None
    return _beyond(percent(counts), float((shares * (1 - shares)).sum() / others))


def krippendorff_alpha(counts: Floats) -> float | None:
    """Return 1 - Do / De for nominal data (Krippendorff, 2011, section C).

    Any number of annotators, any gaps; items with one vote are out. counts: (items, C).
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
    """Return kappa, and how many pairs of annotators it is of.

    Of two annotators it is (po - pe) / (1 - pe) on the items they share (Cohen, 1960);
    of more, the mean over pairs, weighted by the items that they share: low where pairs
    share few. Memory: 150 bytes for each pair of annotators who share an item.
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
        one = votes(label == number)
        agreed += one @ one.T
        said = one @ every.T  # on the items shared with each other annotator
        chance += said * said.T
    shared = (every @ every.T).tocoo()
    pairs = shared.row < shared.col
    if not pairs.any():
        return None, 0
    left, right, n = shared.row[pairs], shared.col[pairs], shared.data[pairs]
    po, pe = agreed[left, right] / n, chance[left, right] / n**2
    told = pe < 1 - 1e-12
    if not told.any():
        return None, 0
    kappa = (po[told] - pe[told]) / (1 - pe[told])
    return float(np.average(kappa, weights=n[told])), int(told.sum())


class WithOthers(NamedTuple):
    """Agreement of each annotator with the others, (annotators,).

    items: how many items others voted on, too. agreement: mean share of the others who
    said the same; chance: what it would be if the label did not depend on the item.
    NaN where no item is shared.
    """

    items: Ints
    agreement: Floats
    chance: Floats

    @property
    def kappa(self) -> Floats:
        """Agreement beyond chance; NaN where chance alone is sure to agree."""
        return self._beyond(self.agreement)

    def kappa_at_most(self, z: float = 1.645) -> Floats:
        """Return the upper end of kappa's interval: Wilson's (1927), of the agreement.

        z: 1.645 is 95 % on one side.
        """
        n, a = np.maximum(self.items, 1), self.agreement
        middle = a + z**2 / (2 * n)
        spread = z * np.sqrt(np.maximum(a * (1 - a), 0) / n + (z / (2 * n)) ** 2)
        return self._beyond((middle + spread) / (1 + z**2 / n))

    def _beyond(self, agreement: Floats) -> Floats:
        room = 1 - self.chance
        kappa = np.full(len(room), np.nan)
        np.divide(agreement - self.chance, room, out=kappa, where=room > 1e-12)
        return kappa


def with_others(
    item: Ints,
    annotator: Ints,
    label: Ints,
    annotators: int,
    gold: Ints | None = None,
) -> WithOthers:
    """Compare each annotator with the others on the same items.

    gold: (items,) the class that is known to be right, or -1; where it is known it
    stands for the others.
    """
    rows = np.unique(item, return_inverse=True)[1].ravel()
    counts = table(rows, label)
    known = np.full(len(counts), -1) if gold is None else gold[np.unique(item)]
    number = np.where(known >= 0, 1, counts.sum(axis=1) - 1)[rows]  # (votes,) of others
    told = number > 0
    rows, who, said, number = rows[told], annotator[told], label[told], number[told]
    items = np.bincount(who, minlength=annotators)
    n = np.where(items > 0, items, np.nan)
    agreement, chance = np.zeros(annotators), np.zeros(annotators)
    for one in range(counts.shape[1]):
        own = said == one
        others = np.where(known >= 0, known == one, counts[:, one])[rows]
        share = (others - own * (known < 0)[rows]) / number
        agreement += np.bincount(who[own], share[own], annotators)
        theirs = np.bincount(who, share, annotators)
        chance += np.bincount(who[own], minlength=annotators) * theirs
    return WithOthers(items, agreement / n, chance / n**2)


def _shares(counts: Floats) -> Floats:
    """Return the mean share of each class, (C,), over all items."""
    if not len(counts):
        return np.zeros(counts.shape[1])
    mean: Floats = (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0)
    return mean


def _beyond(observed: float | None, chance: float) -> float | None:
    if observed is None or chance > 1 - 1e-12:
        return None
    return (observed - chance) / (1 - chance)
