"""N-grams of words, and of characters within a word."""

from __future__ import annotations


def word_ngrams(words: list[str], longest: int) -> list[str]:
    """Return the n-grams of 1 to `longest` words, joined by spaces."""
    grams = words.copy()
    for size in range(2, longest + 1):
        starts = [words[start:] for start in range(size)]
        grams += map(" ".join, zip(*starts, strict=False))
    return grams


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
