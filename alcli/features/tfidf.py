"""Term frequency times inverse document frequency, of word and character n-grams.

As scikit-learn's TfidfVectorizer computes it by default: idf = log((1 + n) / (1 + df))
+ 1, rows of unit length. Words and characters are weighted separately, as in a
FeatureUnion of two vectorizers (`analyzer="word"` and `"char_wb"`), then rows are
scaled to unit length together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError
from alcli.core.params import check_range
from alcli.features.ngrams import character_ngrams, word_ngrams
from alcli.features.vocabulary import split_words
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
        self._words = {term: number for number, term in enumerate(terms.words)}
        known = {term: n for n, term in enumerate(terms.characters, len(terms.words))}
        # words repeat, so the n-grams within one are cached
        self._within: Memo[list[int]] = Memo(
            lambda word: [
                number
                for gram in character_ngrams(word, characters)
                if (number := known.get(gram)) is not None
            ]
        )
        self._known: dict[str, int] = {}  # rows of cached texts
        self._rows: csr_matrix

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

        Memory: a dictionary entry per distinct n-gram of the texts.

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
        of_words: Counter[str] = Counter()
        of_characters: Counter[str] = Counter()
        within = Memo(lambda word: character_ngrams(word, characters))
        n = 0
        for text in texts:
            words = split_words(text)
            of_words.update(set(word_ngrams(words, ngrams)))
            if characters:
                of_characters.update(set().union(*map(within.__getitem__, words)))
            n += 1

        def kept(spread: Counter[str]) -> list[str]:
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
        self._rows = self.transform(distinct)
        self._known = {text: row for row, text in enumerate(distinct)}

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return the features of each text, sparse (n, terms)."""
        if self._known:
            rows = [self._known.get(text, -1) for text in texts]
            if min(rows, default=-1) >= 0:
                return self._rows[rows]

        get, flat, ends = self._words.get, [], [0]
        letters, letter_ends = [], [0]
        for text in texts:
            words = split_words(text)
            numbers = map(get, word_ngrams(words, self.ngrams))
            flat += [number for number in numbers if number is not None]
            ends.append(len(flat))
            if self.characters:
                for found in map(self._within.__getitem__, words):
                    letters += found
                letter_ends.append(len(letters))
        matrix = self._weighted(flat, ends)
        if not self.characters:
            return matrix
        return _normalise_rows(matrix + self._weighted(letters, letter_ends))

    def _weighted(self, columns: Sequence[int], ends: Sequence[int]) -> csr_matrix:
        from scipy.sparse import csr_matrix

        places = np.array(columns, np.int32)
        shape = len(ends) - 1, len(self)
        ones = np.ones(len(places))
        matrix = csr_matrix((ones, places, np.array(ends)), shape=shape)
        matrix.sum_duplicates()
        matrix.data = TERM_FREQUENCIES[self.tf](matrix.data) * self.idf[matrix.indices]
        return _normalise_rows(matrix)


def _normalise_rows(matrix: csr_matrix) -> csr_matrix:
    """Scale rows to unit length in place; rows of zeros stay."""
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    lengths = np.sqrt(np.where(squares > 0, squares, 1))
    matrix.data /= np.repeat(lengths, np.diff(matrix.indptr))
    return matrix
