"""Batches of texts of nearly equal length, which need little padding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from alcli.core.types import Float32s, Indices
from alcli.features.vocabulary import TokenIds
from alcli.models.backend import accepts_any_width, explain_out_of_memory
from alcli.models.backend.compiled import CompiledPredict

# batch widths, for backends that compile a program for each width
WIDTHS = (8, 16, 24, 32, 48, 64, 96, 128)
WINDOW = 50  # number of batches that are sorted by length together
# limits of a batch for prediction; the second is approximate
MAX_TEXTS, MAX_WORDS = 1024, 1 << 14


def batch_array(rows: TokenIds, places: Indices) -> NDArray[np.int32]:
    """Return rows as a padded array, (n, width).

    places: indices of the rows, (n,). The width is that of the longest row, or the next
    one of WIDTHS if the backend compiles a program for each width.
    """
    width = max(1, int(rows.lengths[places].max(initial=1)))
    if not accepts_any_width():
        width = min((int(w) for w in WIDTHS if w >= width), default=width)
    return rows.pad(places, width)


def epoch_batches(
    lengths: Indices, size: int, rng: np.random.Generator | None
) -> Iterator[Indices]:
    """Yield the row indices of each batch of an epoch, (size,) or fewer.

    lengths: number of words of each row, (n,). rng: source of the random order; None
    keeps the rows in their order. Rows are shuffled, then sorted by length within each
    window of batches, and the batches of a window are shuffled.
    """
    n = len(lengths)
    if rng is None:
        yield from (np.arange(a, min(a + size, n)) for a in range(0, n, size))
        return
    order = rng.permutation(n)
    for first in range(0, n, size * WINDOW):
        window = order[first : first + size * WINDOW]
        window = window[np.argsort(lengths[window], kind="stable")]
        batches = [window[a : a + size] for a in range(0, len(window), size)]
        yield from (batches[i] for i in rng.permutation(len(batches)))


def length_batches(lengths: Indices) -> Iterator[Indices]:
    """Yield the row indices of batches for prediction, shortest rows first.

    lengths: number of words of each row, (n,). Batches of long rows have fewer rows.
    """
    order = np.argsort(lengths, kind="stable")
    first = 0
    while first < len(order):
        size = MAX_TEXTS
        last = order[min(first + size, len(order)) - 1]
        while size > 1 and size * lengths[last] > MAX_WORDS:
            size //= 2
            last = order[min(first + size, len(order)) - 1]
        yield order[first : first + size]
        first += size


def predict_rows(network: CompiledPredict, rows: TokenIds) -> list[Float32s]:
    """Return the outputs of a network, (n, d) each, in the order of the rows.

    Raises:
        SurroundingsError: memory ran out.
    """
    outputs = [np.empty((len(rows), width), np.float32) for width in network.widths]
    for places in length_batches(rows.lengths):
        with explain_out_of_memory("try a smaller --block, or shorter texts"):
            parts = network(batch_array(rows, places))
        for output, part in zip(outputs, parts, strict=True):
            output[places] = part
    return outputs
