"""Batch of a round: its records, and the predictions that they were selected with."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np

from alcli.core.types import Indices

UNPREDICTED = 0xFFFFFFFF  # in place of a predicted class


@dataclass(frozen=True)
class QueryBatch:
    """Batch of a round.

    Attributes:
        rows: row indices of the data, (n,).
        preds: predicted class indices, (n,), or UNPREDICTED.
    """

    rows: Indices
    preds: Indices

    @classmethod
    def unpredicted(cls, rows: Indices) -> QueryBatch:
        """Return a batch that was selected without a model."""
        return cls(rows, np.full(len(rows), UNPREDICTED, np.intp))

    def __len__(self) -> int:
        return len(self.rows)

    def to_base64(self) -> str:
        """Return rows and predictions, (n, 2) little-endian uint32, in base64."""
        table = np.stack([self.rows, self.preds], axis=1).astype("<u4")
        return base64.b64encode(table.tobytes()).decode()

    @classmethod
    def from_base64(cls, text: str) -> QueryBatch:
        """Return the batch that `to_base64` encoded."""
        flat = np.frombuffer(base64.b64decode(text), "<u4").astype(np.intp)
        return cls(*flat.reshape(-1, 2).T)
