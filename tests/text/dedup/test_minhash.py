"""Trigrams against the obvious way, and signatures against their probabilities."""

import numpy as np
import pytest

from alcli.text.dedup.minhash import MinHasher, trigram_sets

TEXTS = ["سلام", "", "a", "نرم‌افزار 😀 خوب", "aaaaaaaa", "a b", " ", "سلام سلام"]


def obvious(text):
    padded = f" {text} "
    return {padded[i : i + 3] for i in range(len(text))}


def parts(sets):
    ends = np.cumsum(sets.sizes)
    return [
        sets.hashes[e - n : e].tolist() for e, n in zip(ends, sets.sizes, strict=True)
    ]


def test_sizes_and_overlaps_equal_those_of_the_trigrams():
    sets = trigram_sets(TEXTS)
    assert sets.sizes.tolist() == [len(obvious(text)) for text in TEXTS]
    known = {}
    for text, hashes in zip(TEXTS, parts(sets), strict=True):
        assert hashes == sorted(set(hashes))
        for other, theirs in known.items():
            both = len(set(hashes) & set(theirs))
            assert both == len(obvious(text) & obvious(other))
        known[text] = hashes


def test_hashes_do_not_depend_on_other_texts():
    whole = parts(trigram_sets(TEXTS))
    assert [parts(trigram_sets([text]))[0] for text in TEXTS] == whole
    assert trigram_sets([]).sizes.tolist() == []


def test_hashes_equal_recorded_ones():
    assert parts(trigram_sets(["خوب", "a"])) == [
        [742037915, 926676694, 3901272719],
        [417345826],
    ]
    sets = trigram_sets(["خوب"])
    assert MinHasher(2, 3, seed=0).bands(sets).ravel().tolist() == [
        616475972,
        3583942182,
    ]
    assert sets.parity_bits().tolist() == [138444800]


def test_smallest_returns_the_first_hashes_of_each_text():
    sets = trigram_sets(TEXTS)
    hashes, sizes = sets.smallest(3)
    assert sizes.tolist() == [min(3, n) for n in sets.sizes]
    assert hashes.tolist() == [x for part in parts(sets) for x in part[:3]]


def test_parity_bits_differ_at_most_as_often_as_sets(rng):
    letters = list("abcdef")
    texts = ["".join(rng.choice(letters, rng.integers(1, 60))) for _ in range(200)]
    sets = trigram_sets(texts)
    bits = sets.parity_bits().tolist()
    for i in range(0, 200, 2):
        apart = len(obvious(texts[i]) ^ obvious(texts[i + 1]))
        differ = (bits[i] ^ bits[i + 1]).bit_count()
        assert differ <= apart
        assert differ % 2 == apart % 2


@pytest.mark.parametrize("rows", [1, 3])
def test_bands_are_equal_with_the_probability_of_the_formula(rng, rows):
    words = ["".join(rng.choice(list("ابپتثجچحخد"), 7)) for _ in range(60)]
    pairs = [(" ".join(words[:40]), " ".join(words[k : 40 + k])) for k in (2, 8, 20)]
    for one, other in pairs:
        a, b = obvious(one), obvious(other)
        p = (len(a & b) / len(a | b)) ** rows
        n, sets = 4000, trigram_sets([one, other])
        found = MinHasher(n, rows, seed=3).bands(sets)
        equal = int((found[:, 0] == found[:, 1]).sum())
        assert abs(equal - n * p) < 4 * np.sqrt(n * p * (1 - p))


def test_other_seeds_give_other_bands():
    sets = trigram_sets(["خوب بود", "غذا"])
    first, second = (MinHasher(64, 2, seed=seed).bands(sets) for seed in (0, 1))
    assert not (first == second).any()
    assert (first == MinHasher(64, 2, seed=0).bands(sets)).all()
