"""Short vectors for long sparse features: their truncated SVD.

Latent semantic analysis (Deerwester et al., 1990). The axes are fitted on a corpus
once, and stored: so a vector depends on the text alone, not on the block, the pool or
the order of either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from alcli.features.tfidf import Tfidf

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

TERMS = 1 << 13  # the most frequent ones, which have axes; others say little
TEXTS = 1 << 15  # that axes are fitted on


class Axes(NamedTuple):
    """The numbers of some terms, (k,), rising; and their share in d axes, (k, d)."""

    terms: NDArray[np.int32]
    shares: NDArray[np.float32]


class TruncatedSvd:
    """Turns features (n, terms) into vectors (n, d); axes are fitted when asked for."""

    def __init__(self, fit: Callable[[], Axes]) -> None:
        self._fit: Callable[[], Axes] | None = fit

    @cached_property
    def axes(self) -> Axes:
        """The axes."""
        assert self._fit is not None
        found, self._fit = self._fit(), None  # the corpus is let go
        return found

    @classmethod
    def of(cls, tfidf: Tfidf, corpus: Sequence[str], width: int) -> Self:
        """Return the axes of a corpus, `width` at the most.

        Of a large one TEXTS texts are looked at, by their hash, whatever their order.
        Memory: 4 (TERMS + TEXTS) (width + 10) bytes, while it is fitted.
        """
        return cls(lambda: _fit_axes(tfidf, corpus, width))

    def __call__(self, features: csr_matrix) -> NDArray[np.float32]:
        """Return the vectors, float32; zero where no term has axes."""
        terms, shares = self.axes
        found: NDArray[np.float32] = features[:, terms].astype(np.float32) @ shares
        return found


def _fit_axes(tfidf: Tfidf, corpus: Sequence[str], width: int) -> Axes:
    from sklearn.utils.extmath import randomized_svd

    texts = sorted(set(corpus), key=_digest)[:TEXTS]
    features = tfidf.transform(texts)
    counts = np.bincount(features.indices, minlength=features.shape[1])
    terms = np.sort(np.argsort(-counts, kind="stable")[:TERMS]).astype(np.int32)
    narrow = features[:, terms].astype(np.float32)
    d = min(width, *narrow.shape)
    _, _, axes = randomized_svd(narrow, d, n_iter=4, random_state=0)  # (d, k)
    return Axes(terms, np.ascontiguousarray(axes.T, np.float32))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
