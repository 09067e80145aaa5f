"""Layers shared by the token architectures; all ignore padding (word index 0)."""

from __future__ import annotations

from typing import Any

from alcli.core.params import check_range
from alcli.models.backend import keras, ops


def word_ids_input() -> Any:
    """Return the input of a network: word indices, (batch, length) integers."""
    return keras.Input((None,), dtype="int32", name="words")


def word_mask(ids: Any) -> Any:
    """Return the padding mask, (batch, length, 1): 1.0 for words, 0.0 for padding."""
    return ops.expand_dims(ops.cast(ops.not_equal(ids, 0), "float32"), -1)


def embed(ids: Any, words: int, dim: int, *, seed: int) -> Any:
    """Return word vectors, (batch, length, dim), with zeros for padding."""
    init = keras.initializers.RandomUniform(seed=seed)
    layer = keras.layers.Embedding(
        words + 1, dim, embeddings_initializer=init, name="embedding"
    )
    return ops.multiply(layer(ids), word_mask(ids))


def recurrent_mask(ids: Any) -> Any:
    """Return the mask of recurrent layers, (batch, length): words, and the first place.

    The first place is never masked, for the fast path of a GPU needs an unmasked place
    in every text.
    """
    first = ops.ones_like(ids[:, :1])
    return ops.not_equal(ops.concatenate([first, ids[:, 1:]], axis=1), 0)


def pool_words(states: Any, real: Any, how: str) -> Any:
    """Return pooled vectors, (batch, d), from the layer named `document`.

    states: outputs for each word, (batch, length, d). real: padding mask, (batch,
    length, 1). how: mean or max. The vector of an empty text is zeros.
    """
    some = ops.max(real, axis=1)  # (batch, 1): 0 for empty texts
    if how == "mean":
        count = ops.maximum(ops.sum(real, axis=1), 1.0)
        x = ops.divide(ops.sum(ops.multiply(states, real), axis=1), count)
    else:
        floor = ops.multiply(ops.subtract(real, 1.0), 1e9)  # excludes padding
        x = ops.multiply(ops.max(ops.add(states, floor), axis=1), some)
    return keras.layers.Identity(name="document")(x)


def softmax_head(
    document: Any, classes: int, *, dropout: float, seed: int, l2: float = 0.0
) -> Any:
    """Return class probabilities, (batch, classes): dropout, then a softmax layer.

    document: (batch, d). dropout: rate. l2: penalty of the softmax layer's weights.
    """
    check_range(0 <= dropout < 1, "dropout", dropout, "0 to less than 1")
    check_range(l2 >= 0, "l2", l2, "0 or more")
    x = keras.layers.Dropout(dropout, seed=seed)(document)
    return keras.layers.Dense(
        classes,
        activation="softmax",
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed + 1),
        kernel_regularizer=keras.regularizers.L2(l2) if l2 else None,
        dtype="float32",  # for a stable softmax in mixed precision
        name="probs",
    )(x)
