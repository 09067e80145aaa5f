"""Distances in tiles, against all with all at once."""

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
from alcli.numerics.greedy import (
    PREFETCH,
    PrefetchedDistances,
    farthest_first,
    kmeans_plus_plus,
)
from alcli.numerics.k_means import k_means


@pytest.fixture
def x(rng):
    return rng.normal(size=(70, 4)).astype(np.float32)


@pytest.fixture
def y(rng):
    return rng.normal(size=(9, 4)).astype(np.float32)


def far(x, y):
    return np.square(x[:, None] - y[None]).sum(axis=2)


@pytest.mark.parametrize("tile", [1, 50, 1 << 22])
def test_distances_are_those_of_the_differences(x, y, monkeypatch, tile):
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
def test_centred_vectors_keep_their_distances_whatever_they_had_in_common(x, y, offset):
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


def test_nothing_is_centred_where_there_is_nothing(x):
    before = x.copy()
    centre(x[:0], x)
    assert (x == before).all()


def test_nothing_is_near_where_there_is_nothing(x, y):
    assert np.isinf(nearest(x, y[:0])[0]).all()
    assert nearest(x[:0], y)[0].shape == (0,)


@pytest.mark.parametrize("tile", [1, 50, 1 << 22])
def test_slices_are_all_rows_and_tiles_at_most(monkeypatch, tile):
    monkeypatch.setattr(distances, "TILE", tile)
    found = list(row_slices(70, 7))
    assert np.concatenate([np.arange(70)[part] for part in found]).tolist() == [
        *range(70)
    ]
    assert max(part.stop - part.start for part in found) * 7 <= max(tile, 7)


def test_a_zero_vector_stays_one(x):
    x[3] = 0
    found = unit_vectors(x)
    assert found.dtype == np.float32
    np.testing.assert_allclose(squared_norms(found), np.arange(70) != 3, atol=1e-6)


def test_rows_far_from_each_other_by_chance_have_the_chances_of_k_means_plus_plus(rng):
    x = np.array([[0], [1], [3]], np.float32)
    counts = np.zeros(3)
    for _ in range(4000):
        rows = kmeans_plus_plus(2, lambda row: np.square(x - x[row])[:, 0], 0, rng)
        assert rows[0] == 0
        counts[rows[1]] += 1
    assert counts[0] == 0
    assert counts[2] / 4000 == pytest.approx(0.9, abs=0.02)


def test_where_all_is_alike_rows_differ_all_the_same(rng):
    same = np.ones((20, 3), np.float32)

    def distances(row):
        return squared_distances(same, squared_norms(same), same[row])

    assert kmeans_plus_plus(20, distances, 7, rng).tolist()[0] == 7
    assert sorted(kmeans_plus_plus(20, distances, 7, rng)) == list(range(20))
    near = np.full(20, np.inf, np.float32)
    assert sorted(farthest_first(20, same, near)) == list(range(20))


@pytest.mark.parametrize("n", [1, 5, PREFETCH, 200])
def test_distances_worked_out_ahead_are_those_to_the_row(rng, n):
    x = (rng.normal(size=(n, 6)) + 3).astype(np.float32)
    ahead = PrefetchedDistances(x)
    for turn in range(60):
        likely = [rng.random(n), np.zeros(n), np.full(n, -np.inf)][turn % 3]
        row = int(rng.integers(n))
        slowly = np.square(x.astype(float) - x[row].astype(float)).sum(axis=1)
        np.testing.assert_allclose(ahead(row, likely), slowly, atol=1e-4)


def test_one_look_at_the_vectors_serves_many_picks(rng):
    class Counted(np.ndarray):
        def __matmul__(self, other):
            looks.append(1)
            return np.asarray(self) @ np.asarray(other)

    looks = []
    x = rng.normal(size=(2000, 30)).astype(np.float32)  # all about as far apart
    near = np.full(2000, np.inf, np.float32)
    rows = farthest_first(160, x.view(Counted), near)
    assert len(set(rows.tolist())) == 160
    assert 160 / PREFETCH <= len(looks) < 160 / 2


def test_clusters_find_clouds(rng):
    middles = rng.normal(size=(6, 5)) * 50
    x = (np.repeat(middles, 40, axis=0) + rng.normal(size=(240, 5))).astype(np.float32)
    centres, homes = k_means(x, 6, rng)
    assert len({tuple(homes[a : a + 40]) for a in range(0, 240, 40)}) == 6
    assert far(middles, centres).min(axis=1).max() < 1


@pytest.mark.parametrize("chance", [0.0, 1 - 2**-53])
def test_no_row_is_taken_twice_whatever_chance_says(chance):
    class Chance:
        def random(self):
            return chance

    x = np.array([[0], [0], [1], [3], [3]], np.float32)
    rows = kmeans_plus_plus(3, lambda row: np.square(x - x[row])[:, 0], 0, Chance())
    assert sorted(x[rows, 0]) == [0, 1, 3]
