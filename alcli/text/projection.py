"""Short vectors for long sparse features: a projection by chance that the terms name.

Each term has a row of signs that comes from its own letters, so a vector depends on the
text and the features alone: not on the block, the pool or the order of either, and
nothing has to be fitted or stored. Lengths, distances and inner products are
kept up to an error of about 1 / sqrt(WIDTH) (Achlioptas, 2003, theorem 1.1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

WIDTH = 256


class Projection:
    """Projects features (n, terms) to (n, WIDTH); 32 bytes a term."""

    def __init__(self, terms: Sequence[str]) -> None:
        digests = [
            hashlib.blake2b(term.encode(), digest_size=WIDTH // 8).digest()
            for term in terms
        ]
        packed = np.frombuffer(b"".join(digests), np.uint8)
        self._packed = packed.reshape(len(digests), WIDTH // 8)

    def __call__(self, features: csr_matrix) -> NDArray[np.float32]:
        """Return features @ signs / sqrt(WIDTH), float32."""
        narrow = features.astype(np.float32)  # which puts columns in order
        used, columns = np.unique(narrow.indices, return_inverse=True)
        narrow = type(features)(
            (narrow.data, columns, narrow.indptr), (features.shape[0], len(used))
        )
        signs = np.unpackbits(self._packed[used], axis=1).astype(np.float32) * 2 - 1
        found: NDArray[np.float32] = narrow @ (signs / np.float32(np.sqrt(WIDTH)))
        return found
