"""Expected gradient norm of each word's vector, over the labels of a text.

It is sum_c p_c ||d(-log p_c) / d vector|| (Zhang, Lease & Wallace, 2017). Because p_c
times the gradient of log p_c is the gradient of p_c, no logarithm is computed, so
nothing overflows.

Time: a forward and a backward pass for each class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.core.types import Float32s
from alcli.features.vocabulary import TokenIds
from alcli.models.backend import explain_out_of_memory, keras, ops
from alcli.models.backend.compiled import compile_gradient
from alcli.models.networks.batches import batch_array, length_batches
from alcli.models.networks.vocabulary_pruning import EMBEDDING


class WordGradientNorms:
    """Expected gradient norms of a network with an embedding layer, named EMBEDDING."""

    def __init__(self, model: keras.Model) -> None:
        layer = model.get_layer(EMBEDDING)
        self._vectors = ops.convert_to_numpy(layer.embeddings)  # (words + 1, dim)
        after_embedding = keras.Model([*model.inputs, layer.output], model.outputs[0])
        self._gradient = compile_gradient(after_embedding)
        self._classes = model.outputs[0].shape[-1]

    def __call__(self, rows: TokenIds) -> Float32s:
        """Return the norm at each place of each text, (n, longest); 0 for padding.

        Places of the same word in a text all have the norm of their summed gradient.

        Raises:
            SurroundingsError: memory ran out.
        """
        found = np.zeros((len(rows), int(rows.lengths.max(initial=1))), np.float32)
        for places in length_batches(rows.lengths):
            words = batch_array(rows, places)
            with explain_out_of_memory("try a smaller --block, or shorter texts"):
                norms = self._norms(words)[:, : found.shape[1]]
            found[places, : norms.shape[1]] = norms
        return found

    def _norms(self, words: NDArray[np.int32]) -> NDArray[Any]:
        """Return the norms of a batch, (batch, width); words: indices, padded."""
        same = words[:, :, None] == words[:, None, :]
        joined = same.astype(np.float32)  # (batch, width, width)
        vectors, norms = self._vectors[words], np.zeros(words.shape)
        for number in range(self._classes):
            summed = joined @ self._gradient(words, vectors, number)
            norms += np.linalg.norm(summed, axis=2)
        return norms
