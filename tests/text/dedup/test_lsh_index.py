"""Texts found by their bands, against Python's own dictionaries."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from alcli.text.dedup import lsh_index as module
from alcli.text.dedup.lsh_index import BandIndex, band_groups


@pytest.mark.parametrize("most", [1, 3, 1000])
def test_the_first_texts_with_a_common_band_are_found(rng, monkeypatch, most):
    monkeypatch.setattr(module, "MAX_CANDIDATES", most)
    index, known, first = BandIndex(3), [defaultdict(list) for _ in range(3)], 0
    for n in rng.integers(0, 40, 30).tolist():
        bands = rng.choice([0, 1, 5, 2**32 - 1, *range(90, 130)], (3, n))
        bands = bands.astype(np.uint64)
        rows, numbers, common, room = index.find(bands)
        pairs, left = Counter(), []
        for band, texts in zip(bands.tolist(), known, strict=True):
            for row, value in enumerate(band):
                pairs.update((row, number) for number in texts[value][:most])
                left.append(max(0, most - len(texts[value])))
        found = list(zip(rows.tolist(), numbers.tolist(), strict=True))
        assert found == sorted(pairs)
        assert common.tolist() == [pairs[pair] for pair in found]
        assert room == left
        index.add(bands, first)
        for band, texts in zip(bands.tolist(), known, strict=True):
            for number, value in enumerate(band, first):
                texts[value].append(number)
        first += n


def test_the_number_of_runs_is_logarithmic(rng):
    index = BandIndex(1)
    for start in range(0, 3000, 3):
        index.add(rng.integers(0, 2**32, (1, 3), np.uint64), start)
    (band,) = index._bands
    assert len(band._runs) < 12
    assert sum(map(len, band._runs)) == 3000


def test_groups_have_a_common_band():
    bands = np.array([[4, 4, 9, 4], [4, 7, 7, 8]], np.uint64)
    assert band_groups(bands) == {0: [0], 1: [0, 5], 2: [5], 3: [0]}
    assert band_groups(np.empty((2, 0), np.uint64)) == {}
