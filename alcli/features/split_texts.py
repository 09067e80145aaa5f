"""Texts as numbers of their words: split once, n-grams are array arithmetic."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from alcli.features.vocabulary import split_words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from alcli.core.types import Indices, Ints


@dataclass(frozen=True)
class SplitTexts:
    """Texts as numbers of their words.

    words: distinct words, D of them.
    flat: numbers of the words, one text after the other.
    ends: offsets of the texts in `flat`, (n + 1,).
    """

    words: list[str]
    flat: Ints
    ends: Indices

    @classmethod
    def of(cls, texts: Iterable[str]) -> SplitTexts:
        """Split texts by `split_words`."""
        numbers: defaultdict[str, int] = defaultdict(count().__next__)
        flat, ends = array("i"), array("q", [0])
        for text in texts:
            flat.extend(map(numbers.__getitem__, split_words(text)))
            ends.append(len(flat))
        return cls(list(numbers), np.array(flat, np.int32), np.array(ends, np.intp))

    def __len__(self) -> int:
        return len(self.ends) - 1

    def parts(self, size: int) -> Iterator[SplitTexts]:
        """Yield consecutive texts, `size` at a time, with the same words."""
        for first in range(0, max(1, len(self)), size):
            ends = self.ends[first : first + size + 1]
            yield SplitTexts(self.words, self.flat[ends[0] : ends[-1]], ends - ends[0])

    @cached_property
    def rows(self) -> Ints:
        """Index of the text of each word, (len(flat),)."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.ends))

    @cached_property
    def counts(self) -> csr_matrix:
        """Number of occurrences of each word in each text, (n, D)."""
        return count_matrix(self.rows, self.flat, (len(self), len(self.words)))

    def ngrams(
        self, words: Indices, longest: int, find: Callable[[Indices, Indices], Indices]
    ) -> Iterator[tuple[Ints, Indices]]:
        """Yield text and number of each n-gram: those of one word, of two, and so on.

        words: numbers of the distinct words, (D,); -1 for a word in no n-gram.
        longest: largest number of words.
        find: function from the number of an n-gram and of the next word to the number
            of the longer n-gram, or -1.
        """
        word = words[self.flat]
        start = np.flatnonzero(word >= 0)
        number = word[start]
        yield self.rows[start], number
        for size in range(2, longest + 1):
            following = start + size - 1
            inside = following < self.ends[self.rows[start] + 1]
            inside[inside] = word[following[inside]] >= 0
            start = start[inside]
            number = find(number[inside], word[start + size - 1])
            start, number = start[number >= 0], number[number >= 0]
            yield self.rows[start], number


def count_matrix(rows: Ints, columns: Ints, shape: tuple[int, int]) -> csr_matrix:
    """Return the number of times that each pair occurs, sparse, columns rising."""
    from scipy.sparse import csr_matrix

    matrix = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    return matrix


def document_frequencies(counts: csr_matrix) -> Indices:
    """Return the number of rows of counts that each column is in, (columns,)."""
    found: Indices = np.bincount(counts.indices, minlength=counts.shape[1])
    return found
