"""Greedy selection of distant rows."""

import numpy as np
import pytest

from alcli.numerics.distances import squared_distances, squared_norms
from alcli.numerics.greedy import (
    PREFETCH,
    PrefetchedDistances,
    farthest_first,
    kmeans_plus_plus,
)


def test_kmeans_plus_plus_draws_in_proportion_to_squared_distances(rng):
    x = np.array([[0], [1], [3]], np.float32)
    counts = np.zeros(3)
    for _ in range(4000):
        rows = kmeans_plus_plus(2, lambda row: np.square(x - x[row])[:, 0], 0, rng)
        assert rows[0] == 0
        counts[rows[1]] += 1
    assert counts[0] == 0
    assert counts[2] / 4000 == pytest.approx(0.9, abs=0.02)


def test_selected_rows_differ_if_all_vectors_are_equal(rng):
    same = np.ones((20, 3), np.float32)

    def distances(row):
        return squared_distances(same, squared_norms(same), same[row])

    assert kmeans_plus_plus(20, distances, 7, rng).tolist()[0] == 7
    assert sorted(kmeans_plus_plus(20, distances, 7, rng)) == list(range(20))
    near = np.full(20, np.inf, np.float32)
    assert sorted(farthest_first(20, same, near)) == list(range(20))


@pytest.mark.parametrize("n", [1, 5, PREFETCH, 200])
def test_prefetched_distances_equal_those_to_the_row(rng, n):
    x = (rng.normal(size=(n, 6)) + 3).astype(np.float32)
    ahead = PrefetchedDistances(x)
    for turn in range(60):
        likely = [rng.random(n), np.zeros(n), np.full(n, -np.inf)][turn % 3]
        row = int(rng.integers(n))
        slowly = np.square(x.astype(float) - x[row].astype(float)).sum(axis=1)
        np.testing.assert_allclose(ahead(row, likely), slowly, atol=1e-4)


def test_one_product_serves_many_selected_rows(rng):
    class Counted(np.ndarray):
        def __matmul__(self, other):
            products.append(1)
            return np.asarray(self) @ np.asarray(other)

    products = []
    x = rng.normal(size=(2000, 30)).astype(np.float32)  # all about as far apart
    near = np.full(2000, np.inf, np.float32)
    rows = farthest_first(160, x.view(Counted), near)
    assert len(set(rows.tolist())) == 160
    assert 160 / PREFETCH <= len(products) < 160 / 2


@pytest.mark.parametrize("number", [0.0, 1 - 2**-53])
def test_no_row_is_drawn_twice_for_extreme_random_numbers(number):
    class Fixed:
        def random(self):
            return number

    x = np.array([[0], [0], [1], [3], [3]], np.float32)
    rows = kmeans_plus_plus(3, lambda row: np.square(x - x[row])[:, 0], 0, Fixed())
    assert sorted(x[rows, 0]) == [0, 1, 3]
