"""Texts as sets of character trigrams, and short signatures of such sets.

A text is the set of the three-letter pieces of its tokens, joined by spaces and with a
space at either end (as PostgreSQL's pg_trgm compares words): a full stop more, a
half-space or an ending written otherwise change few of them, where token n-grams of a
comment of five words would have nothing left in common.
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

    hashes: those of a text together, sorted and distinct, (sum of sizes,). sizes: how
    many each text has, (n,); 0 for an empty text.
    """

    hashes: NDArray[np.uint32]
    sizes: NDArray[np.int64]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Offsets of the first hash of each text, (n,)."""
        return np.cumsum(self.sizes) - self.sizes

    def smallest(self, most: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return the least hashes of each text, `most` or all, and how many, (n,)."""
        places = np.arange(len(self.hashes)) - np.repeat(self.starts, self.sizes)
        return self.hashes[places < most], np.minimum(self.sizes, most)

    def parity_bits(self) -> NDArray[np.uint64]:
        """Return 64 bits of texts that are not empty, (n,).

        Each is the parity of how many hashes have the same low six bits.
        """
        bits = np.uint64(1) << (self.hashes & np.uint32(63)).astype(np.uint64)
        return np.bitwise_xor.reduceat(bits, self.starts)


def trigram_sets(texts: Sequence[str]) -> TrigramSets:
    """Return the trigrams of each text; the same ones on every machine.

    >>> trigrams(["سلام", "", "سلام سلام"]).sizes.tolist()
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
    """MinHash signatures of sets, cut into bands (Broder 1997).

    A minimum of random hashes is the same for two sets with the probability of their
    Jaccard similarity s; a band, a hash of `rows` minima, with s^rows.
    """

    def __init__(self, bands: int, rows: int, *, seed: int) -> None:
        shape = bands, rows
        self.flips, self.factors = _pseudo_random(seed, "minima", "<u4", (2, *shape))
        self.factors |= np.uint32(1)
        self.mixers = _pseudo_random(seed, "bands", "<u8", shape) | np.uint64(1)

    def bands(self, sets: TrigramSets) -> NDArray[np.uint64]:
        """Return bands of sets that are not empty, in 32 bits, (bands, n)."""
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
    """Mix the bits, one to one: the end of SplitMix64 (Steele et al. 2014)."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        values ^= values >> np.uint64(shift)
        values *= np.uint64(factor)
    values ^= values >> np.uint64(31)
    return values
