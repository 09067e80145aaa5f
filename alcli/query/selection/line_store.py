"""Store of a pool for a batch strategy: columns in memory, lines on disk."""

from __future__ import annotations

import hashlib
import tempfile
import weakref
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from alcli.core.types import Indices
from alcli.query.selection.scored_rows import ScoredRows
from alcli.query.strategies import Scored

_IN_MEMORY = 1 << 26  # bytes of lines; more go to an unnamed temporary file


class LineStore:
    """Records in order of arrival: ids and about 60 bytes each; lines are on disk."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.classes: Sequence[str] = ()
        self._free = [np.empty(0, np.bool_)]
        self._scored: list[Scored] = []
        self._noise = [np.empty(0)]
        self._keys = [np.empty(0, np.uint64)]
        self._ends = [np.zeros(1, np.int64)]
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def add(self, rows: ScoredRows, free: NDArray[np.bool_]) -> None:
        """Add records; free: whether each may be selected, (n,)."""
        lines = rows.block.lines if rows.block else [b""] * len(free)
        lengths = accumulate(map(len, lines), initial=int(self._ends[-1][-1]))
        self._file.write(b"".join(lines))
        self._ends.append(np.fromiter(lengths, np.int64)[1:])
        self._noise.append(rows.scored.noise)
        self._keys.append(_digests(rows.keys or [f"\0{i}" for i in rows.scored.ids]))
        self._scored.append(rows.scored)
        self._free.append(free)
        self.ids += rows.scored.ids
        self.classes = rows.classes

    def line(self, row: int) -> bytes:
        """Return the line of a record."""
        if len(self._ends) > 1:
            self._ends = [np.concatenate(self._ends)]
        start, end = self._ends[0][row : row + 2].tolist()
        self._file.seek(start)
        return self._file.read(end - start)

    def distinct(self, preferred: NDArray[np.bool_]) -> Indices:
        """Return the rows that may be selected, by noise, each text and each id once.

        preferred: mask of the rows that are kept before others of the same text.
        """
        noise, keys = np.concatenate(self._noise), np.concatenate(self._keys)
        order = np.lexsort((keys, -noise, ~preferred))
        order = order[np.concatenate(self._free)[order]]
        _, first = np.unique(keys[order], return_index=True)
        order = order[first]
        order = order[np.lexsort((keys[order], -noise[order]))]
        repeated = noise[order][1:] == noise[order][:-1]  # equal noise: equal id
        rows: Indices = order[np.append(True, ~repeated)[: len(order)]]
        return rows

    def scored(self, rows: Indices, order: Sequence[int]) -> Scored:
        """Return some rows, their classes in this order."""
        parts = self._scored
        probs = np.concatenate([part.probs for part in parts])
        signals = {
            name: np.concatenate([part.signals[name] for part in parts])[rows]
            for name in parts[0].signals
        }
        return Scored(
            [self.ids[row] for row in rows.tolist()],
            probs[np.ix_(rows, np.array(order, np.intp))],
            signals,
            parts[0].seed,
        )


def _digests(keys: Sequence[str]) -> NDArray[np.uint64]:
    """Return 64 bits of the hash of each key, (n,)."""
    digests = [hashlib.blake2b(key.encode(), digest_size=8).digest() for key in keys]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)
