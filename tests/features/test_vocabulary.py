"""Vocabularies, and texts as token ids."""

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


def expected_ids(text, words, length, truncate):
    """Return the ids by a plain loop."""
    found = [words.index(word) + 1 for word in split_words(text) if word in words]
    return found[-length:] if truncate == "start" else found[:length]


@pytest.mark.parametrize("truncate", ["start", "end"])
@pytest.mark.parametrize("length", [1, 7, 1000])
def test_token_ids_equal_a_plain_loop(rng, length, truncate):
    words = ["b", "a", "کتاب", "z", "c"]
    corpus = texts(rng)
    rows = Encoder(words, length=length, truncate=truncate)(corpus)
    array = rows.pad(np.arange(len(corpus)), 50)

    assert len(rows) == len(corpus)
    for text, line, size in zip(corpus, array.tolist(), rows.lengths, strict=True):
        expected = expected_ids(text, words, length, truncate)
        assert line == expected + [0] * (50 - len(expected))
        assert size == len(expected)


@pytest.mark.parametrize("corpus", [[], [""], ["", "unheard"]])
def test_texts_without_known_words_are_empty(corpus):
    rows = Encoder(["a"], length=5)(corpus)

    assert rows.lengths.tolist() == [0] * len(corpus)
    assert rows.pad(np.arange(len(corpus)), 3).tolist() == [[0] * 3] * len(corpus)


@pytest.mark.parametrize("min_count", [1, 5, 60])
@pytest.mark.parametrize("max_share", [0.8, 0.95, 1.0])
def test_rare_and_ubiquitous_words_are_excluded(rng, min_count, max_share):
    corpus = texts(rng)
    counts = Counter(word for text in corpus for word in split_words(text) if word)
    spread = Counter(w for text in corpus for w in set(split_words(text)))
    expected = [
        word
        for word, count in counts.items()
        if count >= min_count and spread[word] <= max_share * len(corpus)
    ]
    expected.sort(key=lambda word: (-counts[word], word))

    assert expected
    assert (
        build_vocabulary(corpus, min_count=min_count, max_share=max_share) == expected
    )


def test_an_empty_vocabulary_and_unknown_ends_are_rejected():
    with pytest.raises(InputError, match="no word is in the vocabulary: of 2 words"):
        build_vocabulary(["a b"], min_count=2)
    with pytest.raises(BadParameter, match="truncate=middle"):
        Encoder(["a"], length=5, truncate="middle")
