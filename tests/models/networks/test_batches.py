"""Batches of texts of nearly equal length."""

import numpy as np
import pytest

from alcli.models.networks import batches
from alcli.models.networks.batches import (
    WINDOW,
    batch_array,
    epoch_batches,
    predict_rows,
)
from tests.models.networks.rows import rows_of

pytestmark = pytest.mark.slow  # loads Keras


def test_rows_are_padded_on_the_right(monkeypatch):
    rows = rows_of([[1, 2, 3], [], [4, 5, 6, 7, 8], [9]])
    monkeypatch.setattr(batches, "accepts_any_width", lambda: True)
    narrow = batch_array(rows, np.array([3, 0]))
    empty = batch_array(rows, np.array([1]))
    monkeypatch.setattr(batches, "accepts_any_width", lambda: False)
    wide = batch_array(rows, np.array([2, 1]))

    assert narrow.dtype == np.int32
    assert narrow.tolist() == [[9, 0, 0], [1, 2, 3]]
    assert empty.tolist() == [[0]]
    assert wide.tolist() == [[4, 5, 6, 7, 8, 0, 0, 0], [0] * 8]


def test_rows_longer_than_all_widths_are_not_truncated(monkeypatch):
    monkeypatch.setattr(batches, "accepts_any_width", lambda: False)

    assert batch_array(rows_of([[1] * 1000]), np.array([0])).shape == (1, 1000)


@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 5000])
@pytest.mark.parametrize("size", [1, 64])
def test_an_epoch_contains_every_row_once(rng, n, size):
    lengths = rng.integers(0, 100, n)
    batches = list(epoch_batches(lengths, size, np.random.default_rng(1)))

    assert sorted(np.concatenate([[], *batches])) == list(range(n))
    assert all(len(batch) <= size for batch in batches)


def test_without_rng_rows_keep_their_order(rng):
    batches = list(epoch_batches(rng.integers(0, 100, 10), 4, None))

    assert [batch.tolist() for batch in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_rows_of_a_batch_have_nearly_equal_lengths(rng):
    lengths = rng.integers(0, 100, 64 * WINDOW)
    batches = list(epoch_batches(lengths, 64, np.random.default_rng(0)))
    means = [lengths[batch].mean() for batch in batches]

    assert max(np.ptp(lengths[batch]) for batch in batches) <= 8
    assert np.corrcoef(means[1:], means[:-1])[0, 1] < 0.5  # but batches are mixed


class Sum:
    """Network with two outputs for each row, which records the shapes of its inputs."""

    def __init__(self):
        self.widths, self.shapes = [1, 2], []

    def __call__(self, array):
        self.shapes.append(array.shape)
        sums = array.sum(axis=1, keepdims=True)
        return [sums, np.hstack([sums, -sums])]


def test_outputs_are_in_the_order_of_the_rows(rng):
    lists = [rng.integers(1, 9, rng.integers(0, 90)).tolist() for _ in range(2500)]
    network = Sum()
    one, two = predict_rows(network, rows_of(lists))

    assert one[:, 0].tolist() == two[:, 0].tolist() == [sum(row) for row in lists]
    assert network.shapes == sorted(network.shapes, key=lambda shape: shape[1])
    assert max(n * width for n, width in network.shapes) <= 1 << 14
    assert max(n for n, _ in network.shapes) <= 1024
    assert [part.shape for part in predict_rows(network, rows_of([]))] == [
        (0, 1),
        (0, 2),
    ]
