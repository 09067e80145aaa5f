"""Texts as sets of character trigrams, and MinHash signatures of the sets.

Trigrams are those of the tokens, joined and surrounded by spaces (as in PostgreSQL's
pg_trgm). An added full stop, a half-space or another spelling of an ending changes few
of them, whereas a comment of five words could lose all its common token n-grams.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CODE_BITS = np.uint64(21)  # of a code point
_LOW = np.uint64(2**32 - 1)
_HALF = np.uint64(32)


@dataclass(frozen=True)
class TrigramSets:
    """Trigrams of n texts, as hashes of 32 bits.

    hashes: of one text after the other, sorted and distinct per text, (sum of sizes,).
    sizes: number of hashes of each text, (n,); 0 for an empty text.
    """

    hashes: NDArray[np.uint32]
    sizes: NDArray[np.int64]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Offsets of the first hash of each text, (n,)."""
        return np.cumsum(self.sizes) - self.sizes

    def smallest(self, most: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return the `most` smallest hashes of each text, and their number, (n,)."""
        places = np.arange(len(self.hashes)) - np.repeat(self.starts, self.sizes)
        return self.hashes[places < most], np.minimum(self.sizes, most)

    def parity_bits(self) -> NDArray[np.uint64]:
        """Return 64 parity bits of each text, (n,); none may be empty.

        Bit i is the parity of the number of hashes whose low six bits are i.
        """
        bits = np.uint64(1) << (self.hashes & np.uint32(63)).astype(np.uint64)
        return np.bitwise_xor.reduceat(bits, self.starts)


def trigram_sets(texts: Sequence[str]) -> TrigramSets:
    """Return the trigrams of each text, equal on every machine.

    >>> trigram_sets(["سلام", "", "سلام سلام"]).sizes.tolist()
    [4, 0, 5]
    """
    codes = np.frombuffer(f" {'  '.join(texts)} ".encode("utf-32-le"), "<u4")
    wide = codes.astype(np.uint64)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    owners = np.repeat(np.arange(len(texts)), lengths)
    places = np.arange(len(owners)) + 2 * owners  # two spaces lie between two texts
    grams = wide[places]
    for step in (1, 2):
        grams <<= _CODE_BITS
        grams |= wide[places + step]
    found = owners.astype(np.uint64) << _HALF
    found |= _mix_bits(grams) >> _HALF
    found.sort()
    found = found[np.append(True, found[1:] != found[:-1])[: len(found)]]
    sizes = np.bincount((found >> _HALF).astype(np.int64), minlength=len(texts))
    return TrigramSets((found & _LOW).astype(np.uint32), sizes)


class MinHasher:
    """MinHash signatures of sets, in bands (Broder, 1997).

    The minima of a random hash over two sets are equal with probability s, their
    Jaccard similarity; bands, hashes of `rows` minima each, with probability s^rows.
    """

    def __init__(self, bands: int, rows: int, *, seed: int) -> None:
        shape = bands, rows
        self.flips, self.factors = _pseudo_random(seed, "minima", "<u4", (2, *shape))
        self.factors |= np.uint32(1)
        self.mixers = _pseudo_random(seed, "bands", "<u8", shape) | np.uint64(1)

    def bands(self, sets: TrigramSets) -> NDArray[np.uint64]:
        """Return the bands of n sets, 32 bits each, (bands, n); none may be empty."""
        starts = sets.starts
        found = np.zeros((len(self.mixers), len(starts)), np.uint64)
        hashes = np.empty_like(sets.hashes)
        for band, rows in enumerate(zip(self.flips, self.factors, strict=True)):
            for row, (flip, factor) in enumerate(zip(*rows, strict=True)):
                np.bitwise_xor(sets.hashes, flip, out=hashes)
                hashes *= factor
                minima = np.minimum.reduceat(hashes, starts)
                found[band] += minima * self.mixers[band, row]
        return found >> _HALF


def _pseudo_random(
    seed: int, name: str, kind: str, shape: tuple[int, ...]
) -> NDArray[np.unsignedinteger]:
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    digest = hashlib.shake_128(f"{name} {seed}".encode()).digest(size)
    return np.frombuffer(digest, kind).astype(kind[1:]).reshape(shape)


def _mix_bits(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix the bits, one to one, as the end of SplitMix64 (Steele et al., 2014)."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        values ^= values >> np.uint64(shift)
        values *= np.uint64(factor)
    values ^= values >> np.uint64(31)
    return values
