"""Batches of rows that are nearly of one length: nobody pays for padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# few, so that the backend compiles few programs; finer where most texts are
WIDTHS = np.array([4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 112, 128])
WINDOW = 50  # batches that are sorted by length together
ASK_BATCH = 512

type Rows = Sequence[list[int]]


def padded(rows: Rows) -> NDArray[np.int32]:
    """Return rows as an array, (n, width), filled with 0 to the next of the widths."""
    lengths = lengths_of(rows)
    longest = max(1, int(lengths.max(initial=1)))
    place = int(np.searchsorted(WIDTHS, longest))
    width = int(WIDTHS[place]) if place < len(WIDTHS) else longest
    array = np.zeros((len(rows), width), np.int32)
    flat = [number for row in rows for number in row]
    array[np.arange(width) < lengths[:, None]] = flat
    return array


def lengths_of(rows: Rows) -> NDArray[np.intp]:
    """Return the length of each row, (n,)."""
    return np.fromiter(map(len, rows), np.intp, len(rows))


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


def ask(model: Any, rows: Rows) -> list[NDArray[np.float32]]:
    """Return each output of a network, (n, d), for rows of numbers."""
    order = np.argsort(lengths_of(rows), kind="stable")
    answers = [np.empty((len(rows), o.shape[-1]), np.float32) for o in model.outputs]
    for first in range(0, len(rows), ASK_BATCH):
        batch = order[first : first + ASK_BATCH]
        found = model.predict_on_batch(padded([rows[i] for i in batch]))
        parts = found if len(answers) > 1 else [found]
        for answer, part in zip(answers, parts, strict=True):
            answer[batch] = part
    return answers
