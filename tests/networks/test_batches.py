"""Batches without padding."""

import numpy as np
import pytest

from alcli.networks.batches import WIDTHS, WINDOW, ask, epoch, lengths_of, padded


def test_rows_stand_at_the_left_of_the_next_width():
    array = padded([[1, 2, 3], [], [4, 5, 6, 7, 8]])

    assert array.dtype == np.int32
    assert array.tolist() == [
        [1, 2, 3, 0, 0, 0, 0, 0],
        [0] * 8,
        [4, 5, 6, 7, 8, 0, 0, 0],
    ]


@pytest.mark.parametrize("rows", [[], [[]], [[], []]])
def test_nothing_has_the_smallest_width(rows):
    assert padded(rows).shape == (len(rows), WIDTHS[0])


def test_beyond_the_widths_a_row_has_its_own():
    assert padded([[1] * 1000]).shape == (1, 1000)


@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 5000])
@pytest.mark.parametrize("size", [1, 64])
def test_an_epoch_has_every_row_once(rng, n, size):
    lengths = rng.integers(0, 100, n)
    batches = list(epoch(lengths, size, np.random.default_rng(1)))

    assert sorted(np.concatenate([[], *batches])) == list(range(n))
    assert all(len(batch) <= size for batch in batches)


def test_without_chance_the_order_is_the_files(rng):
    batches = list(epoch(rng.integers(0, 100, 10), 4, None))

    assert [batch.tolist() for batch in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_the_rows_of_a_batch_are_nearly_of_one_length(rng):
    lengths = rng.integers(0, 100, 64 * WINDOW)
    batches = list(epoch(lengths, 64, np.random.default_rng(0)))
    means = [lengths[batch].mean() for batch in batches]

    assert max(np.ptp(lengths[batch]) for batch in batches) <= 8
    assert np.corrcoef(means[1:], means[:-1])[0, 1] < 0.5  # but batches are mixed


class Sum:
    """A network with two outputs of each row, and a note of the widths it saw."""

    def __init__(self):
        self.outputs, self.widths = [np.empty((0, 1)), np.empty((0, 2))], []

    def predict_on_batch(self, array):
        self.widths.append(array.shape[1])
        sums = array.sum(axis=1, keepdims=True)
        return [sums, np.hstack([sums, -sums])]


def test_answers_come_in_the_order_of_the_rows(rng):
    rows = [rng.integers(1, 9, rng.integers(0, 90)).tolist() for _ in range(1200)]
    model = Sum()
    one, two = ask(model, rows)

    assert one[:, 0].tolist() == two[:, 0].tolist() == [sum(row) for row in rows]
    assert model.widths == sorted(model.widths)
    assert lengths_of(rows).tolist() == [len(row) for row in rows]
    assert [part.shape for part in ask(model, [])] == [(0, 1), (0, 2)]
