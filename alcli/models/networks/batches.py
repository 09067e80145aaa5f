"""Batches of rows that are nearly of one length: nobody pays for padding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from alcli.features.vocabulary import Rows
from alcli.models.backend import any_width, enough_memory
from alcli.models.backend.compiled import Asker

# for backends that compile a program for each width
WIDTHS = (8, 16, 24, 32, 48, 64, 96, 128)
WINDOW = 50  # batches that are sorted by length together
ASK_BATCH, ASK_WORDS = 1024, 1 << 14  # at most so many texts, and about so many words


def batch(rows: Rows, places: NDArray[np.intp]) -> NDArray[np.int32]:
    """Return some rows as an array, (n, width), as narrow as the backend likes it."""
    width = max(1, int(rows.lengths[places].max(initial=1)))
    if not any_width():
        width = min((int(w) for w in WIDTHS if w >= width), default=width)
    return rows.padded(places, width)


def epoch(
    lengths: NDArray[np.intp], size: int, rng: np.random.Generator | None
) -> Iterator[NDArray[np.intp]]:
    """Yield the row numbers of each batch of an epoch, (size,) or fewer.

    Within a window of batches the rows are grouped by length, and the batches are
    shuffled again. Without `rng` the rows stay in their order.
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


def by_length(lengths: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Yield row numbers in batches, the shortest rows first, of long ones fewer."""
    order = np.argsort(lengths, kind="stable")
    first = 0
    while first < len(order):
        size = ASK_BATCH
        last = order[min(first + size, len(order)) - 1]
        while size > 1 and size * lengths[last] > ASK_WORDS:
            size //= 2
            last = order[min(first + size, len(order)) - 1]
        yield order[first : first + size]
        first += size


def ask(network: Asker, rows: Rows) -> list[NDArray[np.float32]]:
    """Return each output of a network, (n, d), in the order of the rows."""
    answers = [np.empty((len(rows), width), np.float32) for width in network.widths]
    for places in by_length(rows.lengths):
        with enough_memory("try a smaller --block, or shorter texts"):
            parts = network(batch(rows, places))
        for answer, part in zip(answers, parts, strict=True):
            answer[places] = part
    return answers
