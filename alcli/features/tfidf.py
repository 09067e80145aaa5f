"""Term frequency times inverse document frequency, of word and character n-grams.

As scikit-learn's TfidfVectorizer computes it by default: idf = log((1 + n) / (1 + df))
+ 1, rows of unit length. Words and characters are weighted separately, as in a
FeatureUnion of two vectorizers (`analyzer="word"` and `"char_wb"`), then rows are
scaled to unit length together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError
from alcli.core.params import check_range
from alcli.features.ngrams import (
    WordNgrams,
    character_counts,
    character_frequencies,
    character_ngrams,
    word_frequencies,
)
from alcli.features.split_texts import SplitTexts
from alcli.text.memo import Memo

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


TERM_FREQUENCIES: dict[str, Callable[[Any], Any]] = {
    "count": lambda counts: counts,
    "log": lambda counts: 1 + np.log(counts),  # sublinear_tf in scikit-learn
    "binary": np.ones_like,
}


class Terms(NamedTuple):
    """N-grams of a vocabulary: of words, then of characters."""

    words: Sequence[str]
    characters: Sequence[str] = ()


class Tfidf:
    """TF-IDF of n-grams of up to `ngrams` words, and of `characters` characters.

    terms: n-grams, words first.
    idf: (terms,).
    characters: length of character n-grams, 0 for none.
    tf: term frequency, a key of TERM_FREQUENCIES.
    """

    def __init__(
        self,
        terms: Terms,
        idf: NDArray[np.floating[Any]],
        *,
        ngrams: int,
        characters: int = 0,
        tf: str = "count",
    ) -> None:
        self.terms, self.idf, self.tf = terms, idf, tf
        self.ngrams, self.characters = ngrams, characters
        self._words = WordNgrams(terms.words, ngrams)
        known = {term: number for number, term in enumerate(terms.characters)}
        # words repeat, so the n-grams within one are cached
        self._within: Memo[list[int]] = Memo(
            lambda word: [
                number
                for gram in character_ngrams(word, characters)
                if (number := known.get(gram)) is not None
            ]
        )
        self._known: dict[str, int] = {}  # rows of cached texts
        self.cached: csr_matrix  # their features

    def __len__(self) -> int:
        return len(self.idf)

    @classmethod
    def fit(
        cls,
        texts: Iterable[str],
        *,
        ngrams: int,
        characters: int = 0,
        tf: str = "count",
        min_count: int,
        max_share: float,
    ) -> Self:
        """Return the TF-IDF of a corpus.

        Memory: a list entry per distinct word, and 30 bytes per word of the texts.

        min_count, max_share: least number and largest share of texts with an n-gram.

        Raises:
            InputError: no n-gram is left.
            BadParameter: a number out of its range.
        """
        check_range(1 <= ngrams <= 9, "ngrams", ngrams, "1 to 9")
        check_range(0 <= characters <= 9, "characters", characters, "0 to 9")
        check_range(tf in TERM_FREQUENCIES, "tf", tf, ", ".join(TERM_FREQUENCIES))
        check_range(min_count >= 1, "min_count", min_count, "1 or more")
        check_range(
            0 < max_share <= 1, "max_share", max_share, "more than 0, at most 1"
        )
        split = SplitTexts.of(texts)
        n = len(split)
        of_words = word_frequencies(split, ngrams, min_count)
        of_characters = character_frequencies(split, characters) if characters else {}

        def kept(spread: dict[str, int]) -> list[str]:
            most = max_share * n
            return sorted(t for t, df in spread.items() if min_count <= df <= most)

        terms = Terms(kept(of_words), kept(of_characters))
        if not terms.words:
            raise InputError(
                f"no n-gram is in {min_count} of the {n:,} texts; give more "
                "(--vocabulary-from), or --set min_count=1"
            )
        counts = [of_words[t] for t in terms.words]
        counts += [of_characters[t] for t in terms.characters]
        idf = np.log((1 + n) / (1 + np.array(counts, np.float64))) + 1
        # as in a checkpoint, so that a loaded model predicts the same
        idf = idf.astype(np.float32).astype(np.float64)
        return cls(terms, idf, ngrams=ngrams, characters=characters, tf=tf)

    def cache_texts(self, texts: Sequence[str]) -> None:
        """Cache the features of these texts only: 12 bytes per n-gram."""
        self._known = {}
        distinct = list(dict.fromkeys(texts))
        self.cached = self.transform(distinct)
        self._known = {text: row for row, text in enumerate(distinct)}

    def cached_rows(self, texts: Sequence[str]) -> list[int] | None:
        """Return the rows of `cached` of some texts; None if one is not cached."""
        try:
            return list(map(self._known.__getitem__, texts))
        except KeyError:
            return None

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return the features of each text, sparse (n, terms)."""
        if rows := self.cached_rows(texts):
            return self.cached[rows]
        from scipy.sparse import vstack

        return vstack(list(self._parts(texts)), format="csr")

    def _parts(self, texts: Sequence[str]) -> Iterator[csr_matrix]:
        """Yield the features of consecutive texts: small arrays are faster."""
        from scipy.sparse import hstack

        split, n_words = SplitTexts.of(texts), len(self.terms.words)
        of_words = (self._weighted(counts, 0) for counts in self._words.counts(split))
        if not self.characters:
            yield from of_words
            return
        width = len(self.terms.characters)
        within = character_counts(split, self._within.__getitem__, width)
        for words, counts in zip(of_words, within, strict=True):
            both = [words, self._weighted(counts, n_words)]
            yield _normalise_rows(hstack(both, format="csr"))

    def _weighted(self, counts: csr_matrix, first: int) -> csr_matrix:
        """Weight counts in place; `first` is the number of their first column."""
        idf = self.idf[first : first + counts.shape[1]]
        counts.data = TERM_FREQUENCIES[self.tf](counts.data) * idf[counts.indices]
        return _normalise_rows(counts)


def _normalise_rows(matrix: csr_matrix) -> csr_matrix:
    """Scale rows to unit length in place; rows of zeros stay."""
    widths = np.diff(matrix.indptr)
    (rows,) = np.nonzero(widths)
    if len(rows):
        squares = np.add.reduceat(matrix.data**2, matrix.indptr[rows])
        matrix.data /= np.repeat(np.sqrt(squares), widths[rows])
    return matrix
