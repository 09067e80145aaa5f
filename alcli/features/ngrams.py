"""N-grams of texts: of words, and of the characters within words.

N-grams of characters are found once per distinct word, then multiplied by the counts
of the words; n-grams of words are numbered by sorted codes, without their strings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import chain, count
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from alcli.features.split_texts import (
    SplitTexts,
    count_matrix,
    document_frequencies,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from alcli.core.types import Indices

PART = 1 << 13  # texts of a corpus that are counted at a time


class WordNgrams:
    """Known n-grams of words: a trie, whose nodes are numbered by sorted codes.

    terms: n-grams of up to `longest` words, joined by spaces.
    """

    def __init__(self, terms: Sequence[str], longest: int) -> None:
        self.longest, self._terms = longest, len(terms)
        split = [term.split(" ") for term in terms]
        numbers: defaultdict[str, int] = defaultdict(count().__next__)
        flat = np.array(list(map(numbers.__getitem__, chain(*split))), np.intp)
        self._numbers, self._width = dict(numbers), len(numbers)
        lengths = np.array(list(map(len, split)), np.intp)
        starts = np.cumsum(lengths) - lengths
        node, self._codes, self._columns = flat[starts], [], []
        nodes = self._width
        for size in range(1, longest + 1):
            (rows,) = np.nonzero(lengths >= size)
            if size > 1:
                codes = node[rows] * self._width + flat[starts[rows] + size - 1]
                codes, node[rows] = np.unique(codes, return_inverse=True)
                self._codes.append(codes)
                nodes = len(codes)
            ends = rows[lengths[rows] == size]
            columns = np.full(nodes, -1, np.int32)
            columns[node[ends]] = ends
            self._columns.append(columns)

    def counts(self, texts: SplitTexts) -> Iterator[csr_matrix]:
        """Yield the number of occurrences in each text of a part, (PART, terms)."""
        get = self._numbers.get
        words = np.array([get(word, -1) for word in texts.words], np.intp)
        for part in texts.parts(PART):
            find = _finder(self._codes, self._width)
            sizes = zip(
                self._columns, part.ngrams(words, self.longest, find), strict=True
            )
            found = [(rows, columns[numbers]) for columns, (rows, numbers) in sizes]
            rows, columns = map(np.concatenate, zip(*found, strict=True))
            known = columns >= 0
            shape = len(part), self._terms
            yield count_matrix(rows[known], columns[known], shape)


def word_frequencies(texts: SplitTexts, longest: int, min_count: int) -> dict[str, int]:
    """Return the number of texts with each n-gram.

    Longer ones are left out if they, or a part of theirs, are in fewer than `min_count`
    texts.
    """
    parts, width = list(texts.parts(PART)), len(texts.words)
    spread = reduce(add, (document_frequencies(part.counts) for part in parts))
    words = np.where(spread < min_count, -1, np.arange(width))
    found = dict(zip(texts.words, spread.tolist(), strict=True))
    names = texts.words
    levels: list[Indices] = []
    for size in range(2, longest + 1):
        counted = []
        for part in parts:
            *_, (rows, codes) = part.ngrams(words, size, _finder(levels, width))
            distinct, numbers = np.unique(codes, return_inverse=True)
            matrix = count_matrix(rows, numbers, (len(part), len(distinct)))
            counted.append((distinct, document_frequencies(matrix)))
        codes, spread = map(np.concatenate, zip(*counted, strict=True))
        codes, numbers = np.unique(codes, return_inverse=True)
        spread = np.bincount(numbers, spread, len(codes)).astype(np.intp)
        frequent = spread >= min_count
        levels.append(codes[frequent])
        pairs = zip(*(x.tolist() for x in divmod(levels[-1], width)), strict=True)
        names = [f"{names[start]} {texts.words[last]}" for start, last in pairs]
        found |= zip(names, spread[frequent].tolist(), strict=True)
    return found


def character_ngrams(word: str, size: int) -> list[str]:
    """Return the n-grams of a word, padded with a space at both ends.

    A padded word shorter than `size` is one n-gram.

    >>> character_ngrams("بد", 3), character_ngrams("", 3)
    ([' بد', 'بد '], [])
    """
    if not word:
        return []
    padded = f" {word} "
    return [padded[at : at + size] for at in range(max(1, len(padded) - size + 1))]


def character_counts(
    texts: SplitTexts, numbers: Callable[[str], Sequence[int]], terms: int
) -> Iterator[csr_matrix]:
    """Yield the number of occurrences of n-grams within words, (PART, terms).

    numbers: function from a word to the numbers of its n-grams.
    """
    within = _within(texts.words, numbers, terms)
    for part in texts.parts(PART):
        matrix = part.counts @ within
        matrix.sort_indices()
        yield matrix


def character_frequencies(texts: SplitTexts, size: int) -> dict[str, int]:
    """Return the number of texts with each n-gram of characters within words."""
    index: defaultdict[str, int] = defaultdict(count().__next__)
    within = _within(
        texts.words,
        lambda word: [index[gram] for gram in character_ngrams(word, size)],
    )
    parts = (part.counts @ within for part in texts.parts(PART))
    spread = reduce(add, map(document_frequencies, parts))
    return dict(zip(index, spread.tolist(), strict=True))


def _finder(
    levels: Iterable[Indices], width: int
) -> Callable[[Indices, Indices], Indices]:
    """Return a function that looks up n-grams of 2 words, of 3, and so on.

    levels: sorted codes of the n-grams of each size; behind the last one the function
    returns codes. width: number of words.
    """
    waiting = iter(levels)

    def find(number: Indices, following: Indices) -> Indices:
        codes = number * width + following
        known = next(waiting, None)
        if known is None:
            return codes
        place = np.searchsorted(known, codes)
        return np.where(np.append(known, -1)[place] == codes, place, -1)

    return find


def _within(
    words: Sequence[str],
    numbers: Callable[[str], Sequence[int]],
    terms: int | None = None,
) -> csr_matrix:
    """Return the counts of n-grams within each of D words, (D, terms)."""
    found = list(map(numbers, words))
    columns = np.fromiter(chain.from_iterable(found), np.int32)
    rows = np.repeat(np.arange(len(words)), list(map(len, found)))
    width = int(columns.max(initial=-1)) + 1 if terms is None else terms
    return count_matrix(rows, columns, (len(words), width))
