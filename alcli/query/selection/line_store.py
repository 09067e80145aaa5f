"""Store of a pool for a batch strategy: columns in memory, lines on disk."""

from __future__ import annotations

import hashlib
import tempfile
import weakref
from array import array
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
        self.classes: list[str] = []  # sorted
        self._free = [np.empty(0, np.bool_)]
        self._scored: list[Scored] = []
        self._noise = [np.empty(0)]
        self._keys = [np.empty(0, np.uint64)]
        self._ends = array("q", [0])  # offsets of the ends of lines
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def add(self, rows: ScoredRows, free: NDArray[np.bool_]) -> None:
        """Add records; free: whether each may be selected, (n,)."""
        lines = rows.block.lines if rows.block else [b""] * len(free)
        self._file.write(b"".join(lines))
        self._ends.extend(accumulate(map(len, lines), initial=self._ends.pop()))
        self._noise.append(rows.scored.noise)
        self._keys.append(_digests(rows.keys or [f"\0{i}" for i in rows.scored.ids]))
        self._scored.append(rows.scored)
        self._free.append(free)
        self.ids += rows.scored.ids
        self.classes = sorted(rows.classes)
        self._order = [rows.classes.index(name) for name in self.classes]

    def line(self, row: int) -> bytes:
        """Return the line of a record."""
        start, end = self._ends[row : row + 2]
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

    def scored(self, rows: Indices) -> Scored:
        """Return some rows, their classes sorted by name."""
        parts = self._scored
        probs = np.concatenate([part.probs for part in parts])
        signals = {
            name: np.concatenate([part.signals[name] for part in parts])[rows]
            for name in parts[0].signals
        }
        return Scored(
            [self.ids[row] for row in rows.tolist()],
            probs[np.ix_(rows, np.array(self._order, np.intp))],
            signals,
            parts[0].seed,
        )


def _digests(keys: Sequence[str]) -> NDArray[np.uint64]:
    """Return 64 bits of the hash of each key, (n,)."""
    digests = [hashlib.blake2b(key.encode(), digest_size=8).digest() for key in keys]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)
