"""Words and their numbers: which ones a model knows, and texts as rows of numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError
from alcli.core.params import check_range


def split_words(text: str) -> list[str]:
    """Split `tokens` (or any text) at U+0020; a newline in raw text parts words too."""
    return text.replace("\n", " ").split(" ")


def build_vocabulary(
    texts: Iterable[str], *, min_count: int = 5, max_share: float = 0.4
) -> list[str]:
    """Return the words of `tokens` that are neither rare nor everywhere.

    min_count: how often a word is seen at least. max_share: in how many of the texts
    at most. The most frequent word comes first, equals by their letters.

    >>> vocabulary(["a b", "a c", "a b"], min_count=2, max_share=0.9)
    ['b']

    Raises:
        InputError: no word is left.
        BadParameter: a number out of its range.
    """
    check_range(min_count >= 1, "min_count", min_count, "1 or more")
    check_range(0 < max_share <= 1, "max_share", max_share, "more than 0, at most 1")
    counts: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    n = 0
    for text in texts:
        words = split_words(text)
        counts.update(words)
        spread.update(set(words))
        n += 1
    del counts[""]
    known = [
        word
        for word, count in counts.items()
        if count >= min_count and spread[word] <= max_share * n
    ]
    if not known:
        raise InputError(
            f"no word is in the vocabulary: of {len(counts):,} words none occurs "
            f"{min_count} times and in at most {max_share:.0%} of {n:,} texts; "
            "give more texts (train: --vocabulary-from), or --set min_count=1"
        )
    return sorted(known, key=lambda word: (-counts[word], word))


@dataclass(frozen=True)
class TokenIds:
    """Texts as numbers from 1 up, one after the other, without a list for each.

    flat: the numbers of all. starts, lengths: (n,), where each text stands in it.
    """

    flat: NDArray[np.int32]
    starts: NDArray[np.intp]
    lengths: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, places: NDArray[np.intp]) -> TokenIds:
        """Return some of the texts, and nothing of the others."""
        lengths = self.lengths[places]
        starts = np.cumsum(lengths) - lengths
        gaps = np.repeat(self.starts[places] - starts, lengths)
        return TokenIds(self.flat[np.arange(len(gaps)) + gaps], starts, lengths)

    def pad(self, places: NDArray[np.intp], width: int) -> NDArray[np.int32]:
        """Return some of the texts, (len(places), width), with 0 behind their ends."""
        column = np.arange(width)
        inside = column < self.lengths[places][:, None]
        array = np.zeros(inside.shape, np.int32)
        array[inside] = self.flat[(self.starts[places][:, None] + column)[inside]]
        return array


class Encoder:
    """Turns texts into numbers; unknown words are left out, 0 is padding.

    length: at most so many words of a text, from its `start` or its `end` cut off.
    """

    def __init__(
        self, words: Sequence[str], *, length: int, truncate: str = "end"
    ) -> None:
        check_range(length >= 1, "length", length, "1 or more")
        check_range(truncate in ("start", "end"), "truncate", truncate, "start or end")
        self._numbers = _Numbers(zip(words, range(1, len(words) + 1), strict=True))
        self._numbers["\n"] = -1  # ends a text; no word has it
        self._length, self._tail = length, truncate == "start"
        self._known: dict[str, int] = {}  # texts that are remembered, by row
        self._rows: TokenIds

    def cache_texts(self, texts: Sequence[str]) -> None:
        """Keep the numbers of these texts, and no others: 4 bytes a word."""
        self._known = {}
        distinct = list(dict.fromkeys(texts))
        self._rows = self(distinct)
        self._known = {text: row for row, text in enumerate(distinct)}

    def __call__(self, texts: Sequence[str]) -> TokenIds:
        """Return the numbers of the known words of each text."""
        if self._known:
            rows = [self._known.get(text, -1) for text in texts]
            if min(rows, default=-1) >= 0:
                return self._rows.take(np.array(rows))
        words = "".join(f"{text.replace('\n', ' ')} \n " for text in texts).split(" ")
        flat = np.fromiter(map(self._numbers.__getitem__, words), np.int32, len(words))
        flat = flat[flat != 0]
        ends = np.flatnonzero(flat < 0)
        whole = np.diff(ends, prepend=-1) - 1
        lengths = np.minimum(whole, self._length)
        starts = ends - (lengths if self._tail else whole)
        return TokenIds(flat, starts, lengths)


class _Numbers(dict[str, int]):
    def __missing__(self, word: str) -> int:
        return 0
