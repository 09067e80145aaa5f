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
error 0.025 at 0.8). Only the first 32 kept texts with an equal band are candidates, and
only the 512 of them with the most common bands are compared, so time is linear in the
number of texts; where bands are common to more texts that are no near duplicates, such
as forms that differ in some entries, a pair may be missed.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from heapq import nsmallest
from itertools import batched
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alcli.core.params import check_range
from alcli.text.dedup.lsh_index import BandIndex, band_groups
from alcli.text.dedup.minhash import MinHasher, TrigramSets, trigram_sets

type Candidate = tuple[int, int]  # minus the number of common bands, and of the text

MAX_COMPARED = 512  # candidates; ordinary texts have fewer
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


class Sketch(NamedTuple):
    """Number of trigrams of a text, and their SKETCH smallest hashes, sorted."""

    size: int
    hashes: NDArray[np.uint32]


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
        before = len(self)

        def sketch(number: int) -> Sketch:
            row = number - before
            if row < 0:
                return self._sketch(number)
            return Sketch(int(sets.sizes[row]), hashes[ends[row] : ends[row + 1]])

        def candidates(row: int) -> list[Candidate]:
            groups = common.get(row, [])
            shared = Counter(other for group in groups for other in here[group])
            found = earlier.get(row, []) + [
                (-bands, before + other)
                for other, bands in shared.items()
                if self._may_be_near(
                    sets.sizes[row], sets.sizes[other], parities[row] ^ parities[other]
                )
            ]
            return nsmallest(MAX_COMPARED, found)

        new = np.ones(len(lengths), bool)
        here: defaultdict[int, list[int]] = defaultdict(list)  # kept rows, by group
        for row in sorted(earlier.keys() | common.keys()):
            if others := [sketch(number) for _, number in candidates(row)]:
                found = jaccard_similarities(sketch(before + row), others)
                new[row] = not (found >= self.threshold).any()
            for group in common.get(row, []) if new[row] else ():
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
    ) -> tuple[dict[int, list[Candidate]], list[int]]:
        """Return the candidates of each row, and the room as `BandIndex.find`."""
        rows, numbers, common, room = self._index.find(bands)
        theirs = np.frombuffer(self._sizes, np.uint32)[numbers].astype(np.int64)
        differ = np.frombuffer(self._parities, np.uint64)[numbers] ^ parities[rows]
        near = np.flatnonzero(self._may_be_near(sizes[rows], theirs, differ))
        near = near[np.lexsort((numbers[near], -common[near], rows[near]))]
        ranks = np.arange(len(near)) - np.searchsorted(rows[near], rows[near])
        near = near[ranks < MAX_COMPARED]
        found: defaultdict[int, list[Candidate]] = defaultdict(list)
        for row, bands_, number in zip(
            rows[near].tolist(),
            common[near].tolist(),
            numbers[near].tolist(),
            strict=True,
        ):
            found[row].append((-bands_, number))
        return found, room

    def _may_be_near(self, ours: Any, theirs: Any, parities: Any) -> Any:
        """Check whether sets of these sizes may be near, for numbers or arrays.

        Texts that differ in d trigrams differ in at most d parity bits, so most pairs
        need no comparison (Sandes, Teodoro and Melo, "Bitmap filter", 2020).

        parities: parity bits of one, xor those of the other.
        """
        total = ours + theirs
        differ = np.maximum(abs(ours - theirs), np.bitwise_count(parities))
        both = (total - differ) // 2  # at most
        return both / (total - both) >= self.threshold

    def _sketch(self, number: int) -> Sketch:
        start, end = self._ends[number : number + 2]
        count = end - start
        hashes = np.frombuffer(self._hashes, np.uint32, count, 4 * start).copy()
        return Sketch(self._sizes[number], hashes)


def jaccard_similarities(one: Sketch, others: Sequence[Sketch]) -> NDArray[np.float64]:
    """Return the Jaccard similarities of a set to others, (n,), estimated above SKETCH.

    The estimate is the share of common elements in the SKETCH smallest of the union.

    >>> one = Sketch(3, np.array([1, 2, 3], np.uint32))
    >>> jaccard_similarities(one, [Sketch(4, np.array([2, 3, 4, 5], np.uint32))])
    array([0.4])
    """
    sizes = np.array([other.size for other in others])
    lengths = np.array([len(other.hashes) for other in others])
    starts = np.cumsum(lengths) - lengths
    hashes = np.concatenate([other.hashes for other in others])
    smaller = np.searchsorted(one.hashes, hashes)  # elements of `one` below each
    common = one.hashes.take(smaller, mode="clip") == hashes
    both = np.add.reduceat(common, starts, dtype=np.int64)
    found: NDArray[np.float64] = both / (one.size + sizes - both)
    large = np.maximum(one.size, sizes) > SKETCH
    if large.any():
        earlier = np.arange(len(hashes)) - np.cumsum(common) + common
        ranks = smaller + earlier - np.repeat(earlier[starts], lengths)  # in the union
        small = np.add.reduceat(common & (ranks < SKETCH), starts, dtype=np.int64)
        found[large] = small[large] / SKETCH
    return found
