"""Words and their numbers."""

from collections import Counter

import numpy as np
import pytest

from alcli.core.errors import BadParameter, InputError
from alcli.features.vocabulary import Encoder, build_vocabulary, split_words

LETTERS = ["a", "b", "کتاب", "x", "y", "z", "unheard", "", "\n", "c\nd"]


def texts(rng, n=300):
    """Make texts of common, rare and unknown words, some of them empty."""
    weights = np.array([9, 8, 7, 3, 2, 1, 2, 2, 1, 2]) / 37
    sizes = rng.integers(0, 40, n)
    return [" ".join(rng.choice(LETTERS, size, p=weights)) for size in sizes]


def plain(text, words, length, truncate):
    """The same in the obvious way."""
    found = [words.index(word) + 1 for word in split_words(text) if word in words]
    return found[-length:] if truncate == "start" else found[:length]


@pytest.mark.parametrize("truncate", ["start", "end"])
@pytest.mark.parametrize("length", [1, 7, 1000])
def test_rows_are_those_of_the_obvious_way(rng, length, truncate):
    words = ["b", "a", "کتاب", "z", "c"]
    given = texts(rng)
    rows = Encoder(words, length=length, truncate=truncate)(given)
    array = rows.pad(np.arange(len(given)), 50)

    assert len(rows) == len(given)
    for text, line, size in zip(given, array.tolist(), rows.lengths, strict=True):
        expected = plain(text, words, length, truncate)
        assert line == expected + [0] * (50 - len(expected))
        assert size == len(expected)


@pytest.mark.parametrize("given", [[], [""], ["", "unheard"]])
def test_without_known_words_there_are_rows_all_the_same(given):
    rows = Encoder(["a"], length=5)(given)

    assert rows.lengths.tolist() == [0] * len(given)
    assert rows.pad(np.arange(len(given)), 3).tolist() == [[0] * 3] * len(given)


@pytest.mark.parametrize("min_count", [1, 5, 60])
@pytest.mark.parametrize("max_share", [0.8, 0.95, 1.0])
def test_words_are_neither_rare_nor_everywhere(rng, min_count, max_share):
    given = texts(rng)
    counts = Counter(word for text in given for word in split_words(text) if word)
    spread = Counter(w for text in given for w in set(split_words(text)))
    expected = [
        word
        for word, count in counts.items()
        if count >= min_count and spread[word] <= max_share * len(given)
    ]
    expected.sort(key=lambda word: (-counts[word], word))

    assert expected
    assert build_vocabulary(given, min_count=min_count, max_share=max_share) == expected


def test_what_leaves_no_word_is_an_error():
    with pytest.raises(InputError, match="no word is in the vocabulary: of 2 words"):
        build_vocabulary(["a b"], min_count=2)
    with pytest.raises(BadParameter, match="truncate=middle"):
        Encoder(["a"], length=5, truncate="middle")
