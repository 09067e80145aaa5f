"""Near-duplicates of earlier texts: MinHash, banding, then an exact comparison.

The similarity of two texts is the Jaccard similarity of their sets of character
trigrams. Each text has bands of minima of random hashes (Broder, "On the resemblance
and containment of documents", 1997), and is compared with kept texts that have a common
band (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", section 3.4). At
similarity s, two bands of r minima are equal with probability s^r, and at least one of
b bands with 1 - (1 - s^r)^b: 0.98 or more at the threshold.

Candidates are compared by their sets, so no text below the threshold is dropped. Of a
text with more than 256 different trigrams only the 256 smallest hashes are stored, and
similarity is that of the 256 smallest hashes of the union (Broder's sketch; standard
error 0.025 at 0.8). Only the first 32 kept texts with an equal band are candidates, so
time is linear in the number of texts; where a band is common to more texts that are no
near duplicates, a pair may be missed.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import batched, chain

import numpy as np
from numpy.typing import NDArray

from alcli.core.params import check_range
from alcli.text.dedup.lsh_index import BandIndex, band_groups
from alcli.text.dedup.minhash import MinHasher, TrigramSets, trigram_sets

type Sketch = tuple[int, list[int]]  # number of trigrams, and their smallest hashes

SKETCH = 256
_BANDS = 16, 32, 64
_ROWS = 8  # largest number of minima per band
_SELECTIVE = 6  # minima that separate unlike texts; fewer if more bands do not help
_MISSED = 0.02  # largest share of missed pairs, at a similarity of the threshold
_BATCH_SIZE = 2000  # texts


def choose_banding(threshold: float) -> tuple[int, int]:
    """Return the number of bands, and the number of minima per band.

    >>> [choose_banding(threshold) for threshold in (0.5, 0.7, 0.8, 0.9, 1)]
    [(64, 4), (32, 6), (16, 6), (16, 8), (16, 8)]
    """
    for bands in _BANDS:
        for rows in range(_ROWS, 0, -1):
            if (1 - threshold**rows) ** bands <= _MISSED:
                break
        if rows >= _SELECTIVE:
            break
    return bands, rows


class NearDuplicateFilter:
    """Set of texts without near-duplicates: pairs of similarity `threshold` or more.

    Memory: 20 bytes per text, 8 per band, and 4 per trigram, at most 256 per text.

    >>> seen = NearDuplicateFilter(0.8)
    >>> seen.add(["مثل همیشه عالی بود", "مثل همیشه عالی بود .", "بد بود"]).tolist()
    [True, False, True]

    Raises:
        BadParameter: the threshold is not above 0 and at most 1.
    """

    def __init__(self, threshold: float, *, seed: int = 0) -> None:
        expected = "a number above 0, at most 1"
        check_range(0 < threshold <= 1, "--near-duplicates", threshold, expected)
        self.threshold = threshold
        bands, rows = choose_banding(threshold)
        self._signer = MinHasher(bands, rows, seed=seed)
        self._index = BandIndex(bands)
        self._sizes = array("I")
        self._parities = array("Q")
        self._hashes = array("I")
        self._ends = array("Q", [0])  # ends of texts in `_hashes`

    def __len__(self) -> int:
        return len(self._sizes)

    def add(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Add the texts that are near-duplicates of no earlier one; return their mask.

        The mask, (n,), does not depend on the number of texts per call. An empty text
        is always new.
        """
        new = np.ones(len(texts), bool)
        for number, batch in enumerate(batched(texts, _BATCH_SIZE)):
            sets = trigram_sets(batch)
            filled = np.flatnonzero(sets.sizes)
            if len(filled):
                sets = TrigramSets(sets.hashes, sets.sizes[filled])
                new[number * _BATCH_SIZE + filled] = self._add(sets)
        return new

    def _add(self, sets: TrigramSets) -> NDArray[np.bool_]:
        bands = self._signer.bands(sets)
        parities = sets.parity_bits()
        earlier, room = self._earlier(bands, sets.sizes, parities)
        common = band_groups(bands)
        hashes, lengths = sets.smallest(SKETCH)
        ends = [0, *np.cumsum(lengths).tolist()]

        def text(row: int) -> Sketch:
            return int(sets.sizes[row]), hashes[ends[row] : ends[row + 1]].tolist()

        new = np.ones(len(lengths), bool)
        here: defaultdict[int, list[int]] = defaultdict(list)  # kept, by group
        for row in sorted(earlier.keys() | common.keys()):
            mine = common.get(row, [])
            others = chain(
                map(self._text, earlier.get(row, ())),
                map(text, sorted({other for group in mine for other in here[group]})),
            )
            new[row] = not self._has_near_duplicate(text(row), others)
            for group in mine if new[row] else ():
                if len(here[group]) < room[group]:
                    here[group].append(row)
        self._index.add(bands[:, new], len(self))
        kept_ends = (self._ends[-1] + np.cumsum(lengths[new])).astype(np.uint64)
        self._ends.frombytes(kept_ends.tobytes())
        self._sizes.frombytes(sets.sizes[new].astype(np.uint32).tobytes())
        self._parities.frombytes(parities[new].tobytes())
        self._hashes.frombytes(hashes[np.repeat(new, lengths)].tobytes())
        return new

    def _earlier(
        self,
        bands: NDArray[np.uint64],
        sizes: NDArray[np.int64],
        parities: NDArray[np.uint64],
    ) -> tuple[dict[int, list[int]], list[int]]:
        """Return the candidates of each row, and the room as `BandIndex.find`.

        Texts that differ in d trigrams differ in at most d parity bits, so most pairs
        need no comparison (Sandes, Teodoro and Melo, "Bitmap filter", 2020).
        """
        rows, numbers, room = self._index.find(bands)
        ours, theirs = sizes[rows], np.frombuffer(self._sizes, np.uint32)[numbers]
        others = np.frombuffer(self._parities, np.uint64)[numbers]
        differ = np.bitwise_count(parities[rows] ^ others)
        total = ours + theirs
        both = (total - np.maximum(abs(ours - theirs), differ)) // 2  # at most
        near = np.flatnonzero(both / (total - both) >= self.threshold)
        found: defaultdict[int, list[int]] = defaultdict(list)
        for row, number in zip(
            rows[near].tolist(), numbers[near].tolist(), strict=True
        ):
            found[row].append(number)
        return found, room

    def _text(self, number: int) -> Sketch:
        start, end = self._ends[number : number + 2]
        return self._sizes[number], self._hashes[start:end].tolist()

    def _has_near_duplicate(self, text: Sketch, others: Iterable[Sketch]) -> bool:
        size, hashes = text[0], set(text[1])
        return any(
            jaccard_similarity(size, hashes, other, theirs) >= self.threshold
            for other, theirs in others
        )


def jaccard_similarity(
    size: int, hashes: set[int], other: int, theirs: Iterable[int]
) -> float:
    """Return the Jaccard similarity of two sets, estimated above SKETCH elements.

    size, other: numbers of elements.
    hashes, theirs: all elements, or the SKETCH smallest.

    >>> jaccard_similarity(3, {1, 2, 3}, 4, [2, 3, 4, 5])
    0.4
    """
    both = hashes.intersection(theirs)
    if max(size, other) <= SKETCH:
        return len(both) / (size + other - len(both))
    union = sorted(hashes.union(theirs))[:SKETCH]
    return len(both.intersection(union)) / len(union)
