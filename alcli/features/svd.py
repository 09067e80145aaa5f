"""Truncated SVD of sparse features: latent semantic analysis (Deerwester et al., 1990).

The axes are fitted on a corpus once, and stored, so that a vector depends on the text
alone, not on the block or the pool.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from alcli.core.types import Float32s
from alcli.features.tfidf import Tfidf

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

TERMS = 1 << 13  # most frequent terms, of which axes consist; others matter little
TEXTS = 1 << 15  # largest number of texts for the fit


class Axes(NamedTuple):
    """Indices of some terms, (k,), increasing, and their shares in d axes, (k, d)."""

    terms: NDArray[np.int32]
    shares: Float32s


class TruncatedSvd:
    """Projection of features, (n, terms), to vectors, (n, d).

    fit: function that returns the axes, called on first use.
    """

    def __init__(self, fit: Callable[[], Axes]) -> None:
        self._fit: Callable[[], Axes] | None = fit

    @cached_property
    def axes(self) -> Axes:
        """Fitted axes."""
        assert self._fit is not None
        found, self._fit = self._fit(), None  # release the corpus
        return found

    @classmethod
    def of(cls, tfidf: Tfidf, corpus: Sequence[str], width: int) -> Self:
        """Return the projection to at most `width` axes of a corpus.

        Of a larger corpus the TEXTS texts with the smallest hashes are used, so that
        the order does not matter. Memory of the fit: 4 (TERMS + TEXTS) (width + 10)
        bytes.
        """
        return cls(lambda: _fit_axes(tfidf, corpus, width))

    def __call__(self, features: csr_matrix) -> Float32s:
        """Return the vectors, (n, d); zero for a row without a term of the axes."""
        terms, shares = self.axes
        found: Float32s = features[:, terms].astype(np.float32) @ shares
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
