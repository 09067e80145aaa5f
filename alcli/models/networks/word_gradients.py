"""How far a label is expected to move the vector of each word of a text.

That is sum_c p_c ||d(-log p_c) / d vector|| (Zhang, Lease & Wallace, 2017). As p_c
times the gradient of log p_c is that of p_c, no logarithm is needed: nothing overflows.

Time: a forward and a backward pass for each class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.features.vocabulary import Rows
from alcli.models.backend import enough_memory, keras, ops
from alcli.models.backend.compiled import slope_of
from alcli.models.networks.batches import batch, by_length
from alcli.models.networks.vocabulary_pruning import EMBEDDING


class Slopes:
    """A network, cut behind the layer that turns words into vectors."""

    def __init__(self, model: keras.Model) -> None:
        layer = model.get_layer(EMBEDDING)
        self._vectors = ops.convert_to_numpy(layer.embeddings)  # (words + 1, dim)
        upper = keras.Model([*model.inputs, layer.output], model.outputs[0])
        self._slope = slope_of(upper)
        self._classes = model.outputs[0].shape[-1]

    def __call__(self, rows: Rows) -> NDArray[np.float32]:
        """Return the length for the word at each place, (n, longest); 0 for padding.

        A word that is met again in its text has at each place that of all of them.
        """
        found = np.zeros((len(rows), int(rows.lengths.max(initial=1))), np.float32)
        for places in by_length(rows.lengths):
            words = batch(rows, places)
            with enough_memory("try a smaller --block, or shorter texts"):
                lengths = self._lengths(words)[:, : found.shape[1]]
            found[places, : lengths.shape[1]] = lengths
        return found

    def _lengths(self, words: NDArray[np.int32]) -> NDArray[Any]:
        same = words[:, :, None] == words[:, None, :]
        joined = same.astype(np.float32)  # (batch, width, width)
        vectors, lengths = self._vectors[words], np.zeros(words.shape)
        for number in range(self._classes):
            moved = joined @ self._slope(words, vectors, number)
            lengths += np.linalg.norm(moved, axis=2)
        return lengths
