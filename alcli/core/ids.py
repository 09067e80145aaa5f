"""Sets of ids at 16 bytes each, and chance that depends on nothing but seed and id."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import batched
from typing import TYPE_CHECKING

import msgspec

from alcli.core.jsonl import blocks
from alcli.core.step import identity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Digests = NDArray[np.int64]  # (2, n); runs are sorted by the first row

_SIEVE_BITS = 32  # for each id: one stranger in 32 gets through
_MERGE = 8  # sorted runs beside the largest before they are merged


def fingerprint(text: str) -> str:
    """Return 128 bits of blake2b as hex: an id for a text that has none."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def seeded_uniform(seed: int, ids: Iterable[str]) -> NDArray[np.float64]:
    """Return a number in (0, 1) for each id: blake2b of seed and id, shape (n,).

    The same id has the same number wherever it stands and whatever else is there.
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
    """Ids kept as sorted digests of 128 bits; a sieve adds 4 to 8 bytes each.

    A digest is two of Python's own string hashes, keyed afresh in every process: they
    cost a tenth of a cryptographic one, and nobody outside can aim at a collision.

    >>> seen = IdSet(["a", "b"])
    >>> seen.contains(["b", "c"]).tolist()
    [True, False]
    >>> seen.add(["c", "a", "c"]).tolist()
    [True, False, False]
    """

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._runs: list[Digests] = []
        self._sieve: NDArray[np.uint8] | None = None
        self._size = 0
        for batch in batched(ids, 100_000):
            self.add(batch)

    def __len__(self) -> int:
        return self._size

    def add(self, ids: Sequence[str], *, all_new: bool = False) -> NDArray[np.bool_]:
        """Add ids and say which are new, shape (n,); of equal ones the first is.

        With `all_new`, none is added unless all are new.
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
        self._sieve = None
        if len(self._runs) > _MERGE:
            self._merge()
        return new

    def contains(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """Say which of the ids are in the set, shape (n,)."""
        import numpy as np

        found = np.zeros(len(ids), bool)
        if not self._size:
            return found
        if self._sieve is None:
            self._sieve = self._make_sieve()
        mask = len(self._sieve) * 8 - 1
        hashes = np.fromiter(map(hash, ids), np.int64, len(ids))
        places = hashes & mask
        maybe = np.flatnonzero(self._sieve[places >> 3] >> (places & 7) & 1)
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
        if 4 * sum(map(np.size, small)) > large.size:  # few large merges, each earned
            small, large = self._runs, np.empty((2, 0), np.int64)
        merged = np.concatenate(small, axis=1)
        self._runs = [merged[:, np.argsort(merged[0])], large]

    def _make_sieve(self) -> NDArray[np.uint8]:
        import numpy as np

        size = 1 << max(10, (self._size * _SIEVE_BITS).bit_length())
        bits = np.zeros(size, bool)
        for run in self._runs:
            bits[run[0] & (size - 1)] = True
        return np.packbits(bits, bitorder="little")


class IdIndex:
    """Where each of many ids stands, at 24 bytes each; the digests are those of IdSet.

    again: the place of an id that was met before, or -1.

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
        """Return the place of each id, (n,); -1 for one that is not there."""
        import numpy as np

        rows = np.full(len(ids), -1, np.intp)
        if self._order.size:
            asked = _digests(ids)
            near = np.searchsorted(self._digests[0], asked[0])
            near = near.clip(max=len(self._order) - 1)
            there = (self._digests[:, near] == asked).all(axis=0)
            rows[there] = self._order[near[there]]
        return rows


def _digests(ids: Sequence[str]) -> Digests:
    import numpy as np

    first = np.fromiter(map(hash, ids), np.int64, len(ids))
    return np.stack([first, _second(ids)])


def _second(ids: Sequence[str]) -> NDArray[np.int64]:
    import numpy as np

    return np.fromiter([hash(id + "\0") for id in ids], np.int64, len(ids))


class _Id(msgspec.Struct, gc=False):
    id: str | int


def read_ids(files: Sequence[str]) -> IdSet:
    """Return the ids of every record in the files (ledgers may have a torn end)."""
    decoder = msgspec.json.Decoder(_Id)
    return IdSet(
        identity(row.id)
        for file in files
        for block in blocks([file], ledger=True)
        for row in block.decode(decoder)
    )
