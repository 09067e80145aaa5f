"""Vocabulary of a model, and texts as sequences of token ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError
from alcli.core.params import check_range
from alcli.core.types import Indices


def split_words(text: str) -> list[str]:
    """Split `tokens` or another text at U+0020 and newlines."""
    return text.replace("\n", " ").split(" ")


def build_vocabulary(
    texts: Iterable[str], *, min_count: int = 5, max_share: float = 0.4
) -> list[str]:
    """Return the words of texts without the rare and the ubiquitous, by frequency.

    Words of equal frequency are in the order of their code points.

    min_count: least number of occurrences.
    max_share: largest share of texts with the word.

    >>> build_vocabulary(["a b", "a c", "a b"], min_count=2, max_share=0.9)
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
    """Token ids, from 1 up, of n texts in one array.

    flat: ids of all texts.
    starts, lengths: offset in `flat` and number of ids of each text, (n,).
    """

    flat: NDArray[np.int32]
    starts: Indices
    lengths: Indices

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, places: Indices) -> TokenIds:
        """Return a copy of some of the texts."""
        lengths = self.lengths[places]
        starts = np.cumsum(lengths) - lengths
        gaps = np.repeat(self.starts[places] - starts, lengths)
        return TokenIds(self.flat[np.arange(len(gaps)) + gaps], starts, lengths)

    def pad(self, places: Indices, width: int) -> NDArray[np.int32]:
        """Return some of the texts, (len(places), width), padded with 0."""
        column = np.arange(width)
        inside = column < self.lengths[places][:, None]
        array = np.zeros(inside.shape, np.int32)
        array[inside] = self.flat[(self.starts[places][:, None] + column)[inside]]
        return array


class Encoder:
    """Encoder of texts as token ids; unknown words are dropped, 0 is padding.

    words: vocabulary; the id of the first word is 1.
    length: largest number of ids per text.
    truncate: end of longer texts that is cut off, `start` or `end`.
    """

    def __init__(
        self, words: Sequence[str], *, length: int, truncate: str = "end"
    ) -> None:
        check_range(length >= 1, "length", length, "1 or more")
        check_range(truncate in ("start", "end"), "truncate", truncate, "start or end")
        self._ids = _Ids(zip(words, range(1, len(words) + 1), strict=True))
        self._ids["\n"] = -1  # end of a text; no word has it
        self._length, self._tail = length, truncate == "start"
        self._known: dict[str, int] = {}  # rows of cached texts
        self._rows: TokenIds

    def cache_texts(self, texts: Sequence[str]) -> None:
        """Cache the ids of these texts only: 4 bytes per word."""
        self._known = {}
        distinct = list(dict.fromkeys(texts))
        self._rows = self(distinct)
        self._known = {text: row for row, text in enumerate(distinct)}

    def __call__(self, texts: Sequence[str]) -> TokenIds:
        """Return the ids of the known words of each text."""
        if self._known:
            rows = [self._known.get(text, -1) for text in texts]
            if min(rows, default=-1) >= 0:
                return self._rows.take(np.array(rows))
        words = "".join(f"{text.replace('\n', ' ')} \n " for text in texts).split(" ")
        flat = np.fromiter(map(self._ids.__getitem__, words), np.int32, len(words))
        flat = flat[flat != 0]
        ends = np.flatnonzero(flat < 0)
        whole = np.diff(ends, prepend=-1) - 1
        lengths = np.minimum(whole, self._length)
        starts = ends - (lengths if self._tail else whole)
        return TokenIds(flat, starts, lengths)


class _Ids(dict[str, int]):
    def __missing__(self, word: str) -> int:
        return 0
