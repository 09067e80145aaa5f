"""Term frequency times inverse document frequency, of word n-grams.

As scikit-learn's TfidfVectorizer has it by default - idf = log((1 + n) / (1 + df)) + 1,
rows of unit length - without the second that scikit-learn takes to load.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError
from alcli.core.params import require
from alcli.text.vocabulary import words_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class Tfidf:
    """N-grams of up to `ngrams` words with their idf, (terms,)."""

    def __init__(
        self, terms: Sequence[str], idf: NDArray[np.floating[Any]], *, ngrams: int
    ) -> None:
        self.terms, self.idf, self.ngrams = list(terms), idf, ngrams
        self._index = {term: number for number, term in enumerate(terms)}
        self._known: dict[str, int] = {}  # texts that are remembered, by row
        self._rows: csr_matrix

    @classmethod
    def fit(
        cls, texts: Iterable[str], *, ngrams: int, min_count: int, max_share: float
    ) -> Self:
        """Return the n-grams that are in `min_count` texts and at most that share.

        Memory: a dictionary entry for every different n-gram of the texts.

        Raises:
            InputError: none is left.
            BadParameter: a number out of its range.
        """
        require(ngrams >= 1, "ngrams", ngrams, "1 or more")
        require(min_count >= 1, "min_count", min_count, "1 or more")
        require(0 < max_share <= 1, "max_share", max_share, "more than 0, at most 1")
        spread: Counter[str] = Counter()
        n = 0
        for text in texts:
            spread.update(set(_grams(text, ngrams)))
            n += 1
        most = max_share * n
        terms = sorted(t for t, df in spread.items() if min_count <= df <= most)
        if not terms:
            raise InputError(
                f"no n-gram is in {min_count} of the {n:,} texts; give more "
                "(--vocabulary-from), or --set min_count=1"
            )
        df = np.fromiter((spread[term] for term in terms), np.float64, len(terms))
        idf = np.log((1 + n) / (1 + df)) + 1
        # as a checkpoint keeps it, so that a loaded model answers the same
        return cls(terms, idf.astype(np.float32).astype(np.float64), ngrams=ngrams)

    def remember(self, texts: Sequence[str]) -> None:
        """Keep the features of these texts, and no others: 12 bytes an n-gram."""
        self._known = {}
        distinct = list(dict.fromkeys(texts))
        self._rows = self.transform(distinct)
        self._known = {text: row for row, text in enumerate(distinct)}

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return the features of each text, sparse (n, terms)."""
        from scipy.sparse import csr_matrix

        if self._known:
            rows = [self._known.get(text, -1) for text in texts]
            if min(rows, default=-1) >= 0:
                return self._rows[rows]

        get, flat, ends = self._index.get, [], [0]
        for text in texts:
            flat += [k for k in map(get, _grams(text, self.ngrams)) if k is not None]
            ends.append(len(flat))
        shape = len(texts), len(self.terms)
        columns = np.array(flat, np.int32)
        matrix = csr_matrix((self.idf[columns], columns, np.array(ends)), shape=shape)
        matrix.sum_duplicates()
        squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
        lengths = np.sqrt(np.where(squares > 0, squares, 1))
        matrix.data /= np.repeat(lengths, np.diff(matrix.indptr))
        return matrix


def _grams(text: str, longest: int) -> list[str]:
    words = words_of(text)
    grams = words.copy()
    for size in range(2, longest + 1):
        starts = [words[start:] for start in range(size)]
        grams += map(" ".join, zip(*starts, strict=False))
    return grams
