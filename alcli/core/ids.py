"""Sets and indexes of ids at 16 bytes each, and random numbers by seed and id."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import batched
from typing import TYPE_CHECKING

from alcli.core.fields import record_decoder
from alcli.core.jsonl import blocks
from alcli.core.step import identity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Digests = NDArray[np.int64]  # (2, n); runs are sorted by the first row

_BLOOM_BITS = 32  # per id: at most 1 in 32 absent ids passes the filter
_MERGE = 8  # sorted runs beside the largest before they are merged


def fingerprint(text: str) -> str:
    """Return the 128-bit blake2b hash of a text as hex: the id of a record without."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def seeded_uniform(seed: int, ids: Iterable[str]) -> NDArray[np.float64]:
    """Return a uniform random number in (0, 1) for each id, shape (n,).

    It is the blake2b hash of seed and id, so that it depends neither on the order of
    the records nor on the other ids.

    seed: 64-bit signed integer.
    """
    import numpy as np

    salt = seed.to_bytes(8, "little", signed=True)
    blake2b = hashlib.blake2b
    raw = b"".join(
        [blake2b(id.encode(), digest_size=8, salt=salt).digest() for id in ids]
    )
    bits = np.frombuffer(raw, "<u8") >> np.uint64(11)  # 53 bits: exact in a float64
    return (bits.astype(np.float64) + 0.5) * 2.0**-53


class IdSet:
    """Set of ids as sorted 128-bit digests; a Bloom filter adds 4 to 8 bytes per id.

    A digest is two of Python's string hashes. They are ten times as fast as a
    cryptographic hash, and each process has another key, so that no input can provoke a
    collision.

    >>> seen = IdSet(["a", "b"])
    >>> seen.contains(["b", "c"]).tolist()
    [True, False]
    >>> seen.add(["c", "a", "c"]).tolist()
    [True, False, False]
    """

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._runs: list[Digests] = []
        self._bloom: NDArray[np.uint8] | None = None
        self._size = 0
        for batch in batched(ids, 100_000):
            self.add(batch)

    def __len__(self) -> int:
        return self._size

    def add(self, ids: Sequence[str], *, all_new: bool = False) -> NDArray[np.bool_]:
        """Add ids; return the mask of the new ones, shape (n,).

        Of equal ids the first is new. With `all_new`, no id is added unless all are
        new.
        """
        import numpy as np

        digests = _digests(ids)
        order = np.argsort(digests[0], kind="stable")
        digests = digests[:, order]
        again = (digests[:, 1:] == digests[:, :-1]).all(axis=0)
        fresh = ~np.append(False, again) & ~self._among(digests) if len(ids) else order
        new = np.zeros(len(ids), bool)
        new[order[fresh]] = True
        if all_new and not new.all():
            return new
        self._runs.append(digests[:, fresh])
        self._size += int(new.sum())
        self._bloom = None
        if len(self._runs) > _MERGE:
            self._merge()
        return new

    def contains(
        self, ids: Sequence[str], *, growing: bool = False
    ) -> NDArray[np.bool_]:
        """Return the mask of the ids that are in the set, shape (n,).

        growing: whether ids are added between calls, so that no filter is worth its
            making.
        """
        import numpy as np

        found = np.zeros(len(ids), bool)
        if not self._size:
            return found
        if growing:
            return self._among(_digests(ids))
        if self._bloom is None:
            self._bloom = self._make_bloom()
        mask = len(self._bloom) * 8 - 1
        hashes = np.fromiter(map(hash, ids), np.int64, len(ids))
        places = hashes & mask
        maybe = np.flatnonzero(self._bloom[places >> 3] >> (places & 7) & 1)
        names = [ids[row] for row in maybe.tolist()]
        found[maybe] = self._among(np.stack([hashes[maybe], _second(names)]))
        return found

    def _among(self, digests: Digests) -> NDArray[np.bool_]:
        import numpy as np

        found = np.zeros(digests.shape[1], bool)
        for run in self._runs:
            if run.size:
                near = np.searchsorted(run[0], digests[0]).clip(max=run.shape[1] - 1)
                found |= (run[:, near] == digests).all(axis=0)
        return found

    def _merge(self) -> None:
        import numpy as np

        self._runs.sort(key=np.size)
        *small, large = self._runs
        # the large run is copied only when it grows by a quarter: amortised O(n)
        if 4 * sum(map(np.size, small)) > large.size:
            small, large = self._runs, np.empty((2, 0), np.int64)
        merged = np.concatenate(small, axis=1)
        self._runs = [merged[:, np.argsort(merged[0])], large]

    def _make_bloom(self) -> NDArray[np.uint8]:
        import numpy as np

        size = 1 << max(10, (self._size * _BLOOM_BITS).bit_length())
        bits = np.zeros(size, bool)
        for run in self._runs:
            bits[run[0] & (size - 1)] = True
        return np.packbits(bits, bitorder="little")


class IdIndex:
    """Index from ids to their positions, at 24 bytes per id, with digests of IdSet.

    first_repeat: position of the first repeated id, or -1.

    >>> IdIndex(["a", "b"]).rows(["b", "c"]).tolist()
    [1, -1]
    """

    def __init__(self, ids: Iterable[str]) -> None:
        import numpy as np

        parts = [_digests(batch) for batch in batched(ids, 100_000)]
        digests = np.concatenate([np.empty((2, 0), np.int64), *parts], axis=1)
        self._order = np.lexsort(digests[::-1])
        self._digests = digests[:, self._order]
        same = (self._digests[:, 1:] == self._digests[:, :-1]).all(axis=0)
        self.first_repeat = int(self._order[1:][same].min()) if same.any() else -1

    def rows(self, ids: Sequence[str]) -> NDArray[np.intp]:
        """Return the position of each id, shape (n,); -1 for unknown ids."""
        import numpy as np

        rows = np.full(len(ids), -1, np.intp)
        if self._order.size:
            digests = _digests(ids)
            near = np.searchsorted(self._digests[0], digests[0])
            near = near.clip(max=len(self._order) - 1)
            known = (self._digests[:, near] == digests).all(axis=0)
            rows[known] = self._order[near[known]]
        return rows


def _digests(ids: Sequence[str]) -> Digests:
    import numpy as np

    first = np.fromiter(map(hash, ids), np.int64, len(ids))
    return np.stack([first, _second(ids)])


def _second(ids: Sequence[str]) -> NDArray[np.int64]:
    import numpy as np

    return np.fromiter([hash(id + "\0") for id in ids], np.int64, len(ids))


def read_ids(files: Sequence[str]) -> IdSet:
    """Return the ids of all records in some files; a torn last line is skipped.

    Raises:
        InputError: a file is unreadable, or a record has no id.
    """
    decoder = record_decoder("id")
    return IdSet(
        identity(row.id)
        for file in files
        for block in blocks([file], ledger=True)
        for row in block.decode(decoder)
    )
