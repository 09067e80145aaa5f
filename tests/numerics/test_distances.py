"""Squared distances in tiles, against plain ones."""

import numpy as np
import pytest

from alcli.numerics import distances
from alcli.numerics.distances import (
    centre,
    exact_squared_distances,
    nearest,
    pairwise_squared_distances,
    row_slices,
    squared_distances,
    squared_norms,
    unit_vectors,
)


@pytest.fixture
def x(rng):
    return rng.normal(size=(70, 4)).astype(np.float32)


@pytest.fixture
def y(rng):
    return rng.normal(size=(9, 4)).astype(np.float32)


def far(x, y):
    return np.square(x[:, None] - y[None]).sum(axis=2)


@pytest.mark.parametrize("tile", [1, 50, 1 << 22])
def test_distances_equal_those_of_the_differences(x, y, monkeypatch, tile):
    monkeypatch.setattr(distances, "TILE", tile)
    expected = far(x, y)
    np.testing.assert_allclose(
        pairwise_squared_distances(x, y, squared_norms(y)),
        expected,
        rtol=1e-5,
        atol=1e-5,
    )
    np.testing.assert_allclose(
        squared_distances(x, squared_norms(x), y[3]),
        expected[:, 3],
        rtol=1e-5,
        atol=1e-5,
    )
    found, place = nearest(x, y)
    np.testing.assert_allclose(found, expected.min(axis=1), rtol=1e-5, atol=1e-5)
    assert (place == expected.argmin(axis=1)).all()


OFFSETS = pytest.mark.parametrize("offset", [0, 1000, 1 << 16])


@OFFSETS
def test_centred_vectors_keep_their_distances(x, y, offset):
    x, y = ((np.round(part * 64) / 64).astype(np.float32) for part in (x, y))
    expected = far(x.astype(float), y.astype(float))
    x += np.float32(offset)
    y += np.float32(offset)
    found = exact_squared_distances(x, y[3])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected[:, 3], rtol=1e-6)
    others, same = x.copy(), x
    centre(x, y, others)
    assert x is same
    assert np.abs(x.mean(axis=0)).max() < 0.01
    assert (others == x).all()
    np.testing.assert_allclose(
        pairwise_squared_distances(x, y, squared_norms(y)),
        expected,
        rtol=1e-5,
        atol=1e-5,
    )


def test_without_vectors_nothing_is_centred(x):
    before = x.copy()
    centre(x[:0], x)
    assert (x == before).all()


def test_without_neighbours_distances_are_infinite(x, y):
    assert np.isinf(nearest(x, y[:0])[0]).all()
    assert nearest(x[:0], y)[0].shape == (0,)


@pytest.mark.parametrize("tile", [1, 50, 1 << 22])
def test_slices_cover_all_rows_and_fit_a_tile(monkeypatch, tile):
    monkeypatch.setattr(distances, "TILE", tile)
    found = list(row_slices(70, 7))
    assert np.concatenate([np.arange(70)[part] for part in found]).tolist() == [
        *range(70)
    ]
    assert max(part.stop - part.start for part in found) * 7 <= max(tile, 7)


def test_zero_vectors_stay_zero(x):
    x[3] = 0
    found = unit_vectors(x)
    assert found.dtype == np.float32
    np.testing.assert_allclose(squared_norms(found), np.arange(70) != 3, atol=1e-6)
