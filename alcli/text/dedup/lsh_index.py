"""Index of texts by the bands of their MinHash signatures."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

type Bands = NDArray[np.uint64]  # (bands, n) or (n,), each in 32 bits

MAX_CANDIDATES = 32  # largest number of kept texts per band in a comparison

_LOW = np.uint64(2**32 - 1)
_HALF = np.uint64(32)


class BandIndex:
    """Texts by their bands. Memory: 8 bytes per band, and 8 during a sort."""

    def __init__(self, bands: int) -> None:
        self._bands = [_SortedRuns() for _ in range(bands)]

    def find(self, bands: Bands) -> tuple[Bands, Bands, NDArray[np.int64], list[int]]:
        """Return the pairs of a row and an indexed text with a common band.

        Rows, numbers of texts, and numbers of common bands, (pairs,), sorted; and the
        remaining number of candidates for each band of each row, (bands * n,).
        """
        parts = [band.find(x) for band, x in zip(self._bands, bands, strict=True)]
        every = np.concatenate([pairs for pairs, _ in parts])
        pairs, common = np.unique(every, return_counts=True)
        room: list[int] = np.concatenate([room for _, room in parts]).tolist()
        return pairs >> _HALF, pairs & _LOW, common, room

    def add(self, bands: Bands, first: int) -> None:
        """Add n texts; their numbers, from `first` on, exceed those before."""
        numbers = np.arange(first, first + bands.shape[1], dtype=np.uint64)
        for band, of_texts in zip(self._bands, bands, strict=True):
            band.add(of_texts, numbers)


class _SortedRuns:
    """Sorted runs of keys, band << 32 | number of the text; the oldest run first."""

    def __init__(self) -> None:
        self._runs: list[Bands] = []

    def find(self, bands: Bands) -> tuple[Bands, NDArray[np.int64]]:
        """Return row << 32 | number of the first texts with each row's band, and room.

        The room, (n,), is the remaining number of candidates.
        """
        room = np.full(len(bands), MAX_CANDIDATES)
        pairs = [np.empty(0, np.uint64)]
        for run in self._runs:
            starts = np.searchsorted(run, bands << _HALF)
            rows = np.flatnonzero(run[starts.clip(max=len(run) - 1)] >> _HALF == bands)
            starts = starts[rows]
            ends = np.searchsorted(run, bands[rows] << _HALF | _LOW, side="right")
            counts = np.minimum(ends - starts, room[rows])
            room[rows] -= counts
            firsts = np.repeat(starts - np.cumsum(counts) + counts, counts)
            numbers = run[firsts + np.arange(counts.sum())] & _LOW
            pairs.append(np.repeat(rows, counts).astype(np.uint64) << _HALF | numbers)
        return np.concatenate(pairs), room

    def add(self, bands: Bands, numbers: NDArray[np.uint64]) -> None:
        run = np.sort(bands << _HALF | numbers)
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.concatenate([self._runs.pop(), run])
            run.sort(kind="stable")  # merges sorted parts
        if len(run):
            self._runs.append(run)


def band_groups(bands: Bands) -> dict[int, list[int]]:
    """Return the groups of texts with a common band, by row of the texts.

    A group has the index of its first member in the flat `bands`, (bands * n,). A text
    without a common band is in no group.

    >>> band_groups(np.array([[7, 5, 7], [1, 2, 3]], np.uint64))
    {0: [0], 2: [0]}
    """
    n = bands.shape[1]
    band = np.arange(len(bands), dtype=np.uint64)[:, None]
    _, first, group, sizes = np.unique(
        band << _HALF | bands,
        return_index=True,
        return_inverse=True,
        return_counts=True,
    )
    group = group.ravel()
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place in np.flatnonzero(sizes[group] > 1).tolist():
        found[place % n].append(int(first[group[place]]))
    return dict(found)
