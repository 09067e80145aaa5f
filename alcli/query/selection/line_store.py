"""Store of a pool for a batch strategy: small columns, and lines on disk."""

from __future__ import annotations

import hashlib
import tempfile
import weakref
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from alcli.core.ids import seeded_uniform
from alcli.core.step import Block
from alcli.query.selection.scored_reader import Columns, Rows
from alcli.query.strategies import Scored

_IN_MEMORY = 1 << 26  # bytes of lines; more go to an unnamed file


class Lines:
    """Gathers blocks: about 60 bytes a record and its id; its line is on disk."""

    def __init__(self, columns: Columns, seed: int) -> None:
        self.columns, self.seed = columns, seed
        self.ids: list[str] = []
        self._scored: list[Scored] = []
        self._noise: list[NDArray[np.float64]] = []
        self._keys: list[NDArray[np.uint64]] = []
        self._ends = [np.zeros(1, np.int64)]
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def add(self, block: Block, rows: Rows) -> None:
        """Keep the columns of a block, and its lines."""
        ids = list(rows.scored.ids)
        lengths = accumulate(map(len, block.lines), initial=int(self._ends[-1][-1]))
        self._file.write(b"".join(block.lines))
        self._ends.append(np.fromiter(lengths, np.int64)[1:])
        self._noise.append(seeded_uniform(self.seed, ids))
        self._keys.append(_digests(rows.keys))
        self._scored.append(rows.scored)
        self.ids += ids

    def line(self, row: int) -> bytes:
        """Return the line of a record."""
        start, end = self.ends[row : row + 2].tolist()
        self._file.seek(start)
        return self._file.read(end - start)

    @property
    def ends(self) -> NDArray[np.int64]:
        """Offsets of the lines, and the end of the last, (n + 1,)."""
        if len(self._ends) > 1:
            self._ends = [np.concatenate(self._ends)]
        return self._ends[0]

    def distinct(
        self, gone: NDArray[np.bool_], kept: NDArray[np.bool_]
    ) -> NDArray[np.intp]:
        """Return the rows that are not gone, by noise, each text and each id once.

        kept: rows that stand for their text before others.
        """
        chance = np.concatenate([np.empty(0), *self._noise])
        keys = np.concatenate([np.empty(0, np.uint64), *self._keys])
        order = np.lexsort((keys, -chance, ~kept))
        order = order[~gone[order]]
        _, first = np.unique(keys[order], return_index=True)
        order = order[first]
        order = order[np.lexsort((keys[order], -chance[order]))]
        same = chance[order][1:] == chance[order][:-1]  # the noise is that of the id
        rows: NDArray[np.intp] = order[np.append(True, ~same)[: len(order)]]
        return rows

    def scored(self, rows: NDArray[np.intp], order: Sequence[int]) -> Scored:
        """Return some rows, their classes in this order."""
        parts = self._scored
        probs = np.concatenate([part.probs for part in parts])
        probs = probs[np.ix_(rows, np.array(order, np.intp))]
        signals = {
            name: np.concatenate([part.signals[name] for part in parts])[rows]
            for name in parts[0].signals
        }
        return Scored([self.ids[r] for r in rows.tolist()], probs, signals, self.seed)


def _digests(keys: Sequence[str]) -> NDArray[np.uint64]:
    """Return 64 bits for each key, (n,)."""
    digests = [hashlib.blake2b(key.encode(), digest_size=8).digest() for key in keys]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)
