"""Words and their numbers: which ones a model knows, and texts as rows of numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from alcli.core.errors import InputError
from alcli.core.params import require


def words_of(text: str) -> list[str]:
    """Split `tokens` (or any text) at U+0020; a newline in raw text parts words too."""
    return text.replace("\n", " ").split(" ")


def vocabulary(
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
    require(min_count >= 1, "min_count", min_count, "1 or more")
    require(0 < max_share <= 1, "max_share", max_share, "more than 0, at most 1")
    counts: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    n = 0
    for text in texts:
        words = words_of(text)
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


class Encoder:
    """Turns texts into numbers from 1 up; unknown words are left out, 0 is padding.

    length: at most so many words of a text, from its `start` or its `end` cut off.
    """

    def __init__(
        self, words: Sequence[str], *, length: int, truncate: str = "end"
    ) -> None:
        require(length >= 1, "length", length, "1 or more")
        require(truncate in ("start", "end"), "truncate", truncate, "start or end")
        self._numbers = {word: number for number, word in enumerate(words, 1)}
        self._cut = slice(-length, None) if truncate == "start" else slice(length)

    def __call__(self, texts: Iterable[str]) -> list[list[int]]:
        """Return the numbers of the known words of each text."""
        get, cut = self._numbers.get, self._cut
        return [[n for n in map(get, words_of(text)) if n][cut] for text in texts]
