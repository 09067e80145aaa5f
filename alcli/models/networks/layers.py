"""Pieces that architectures are made of; padding (word 0) is invisible to each."""

from __future__ import annotations

from typing import Any

from alcli.core.params import check_range
from alcli.models.backend import keras, ops

POOLINGS = ("last", "mean", "max")
_ACTIVATIONS = ("tanh", "sigmoid", "hard_sigmoid", "relu", "softsign", "linear")


def words_in() -> Any:
    """Return the input of a network, (batch, length) integers."""
    return keras.Input((None,), dtype="int32", name="words")


def is_word(ids: Any) -> Any:
    """Return 1.0 for words and 0.0 for padding, (batch, length, 1)."""
    return ops.expand_dims(ops.cast(ops.not_equal(ids, 0), "float32"), -1)


def embedded(ids: Any, words: int, dim: int, *, seed: int) -> Any:
    """Return word vectors, (batch, length, dim); those of padding are zeros."""
    init = keras.initializers.RandomUniform(seed=seed)
    layer = keras.layers.Embedding(
        words + 1, dim, embeddings_initializer=init, name="embedding"
    )
    return ops.multiply(layer(ids), is_word(ids))


def seen(ids: Any) -> Any:
    """Return the mask for recurrent layers, (batch, length): words, and the first.

    For there is no fast path on a GPU for a text without any place to look at.
    """
    first = ops.ones_like(ids[:, :1])
    return ops.not_equal(ops.concatenate([first, ids[:, 1:]], axis=1), 0)


def pooled(states: Any, real: Any, how: str) -> Any:
    """Return one vector for each text, (batch, d), the layer called `document`.

    states: (batch, length, d), real: (batch, length, 1); an empty text gives zeros.
    """
    check_range(how in POOLINGS[1:], "pooling", how, " or ".join(POOLINGS))
    some = ops.max(real, axis=1)  # (batch, 1): 0 where there is no word at all
    if how == "mean":
        count = ops.maximum(ops.sum(real, axis=1), 1.0)
        x = ops.divide(ops.sum(ops.multiply(states, real), axis=1), count)
    else:
        floor = ops.multiply(ops.subtract(real, 1.0), 1e9)  # padding never wins
        x = ops.multiply(ops.max(ops.add(states, floor), axis=1), some)
    return keras.layers.Identity(name="document")(x)


def probabilities(
    document: Any, classes: int, *, dropout: float, seed: int, l2: float = 0.0
) -> Any:
    """Return (batch, classes) probabilities: dropout, then a softmax layer."""
    check_range(0 <= dropout < 1, "dropout", dropout, "0 to less than 1")
    check_range(l2 >= 0, "l2", l2, "0 or more")
    x = keras.layers.Dropout(dropout, seed=seed)(document)
    return keras.layers.Dense(
        classes,
        activation="softmax",
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed + 1),
        kernel_regularizer=keras.regularizers.L2(l2) if l2 else None,
        dtype="float32",  # whatever the precision of the rest
        name="probs",
    )(x)


def recurrent(
    cell: Any,
    words: int,
    classes: int,
    *,
    seed: int,
    dim: int,
    units: int,
    dropout: float,
    recurrent_dropout: float,
    activation: str,
    recurrent_activation: str,
    pooling: str,
    l2: float = 0.0,
    both_ways: bool = False,
) -> Any:
    """Return an untrained network around a recurrent layer of Keras.

    cell: `keras.layers.LSTM` or `keras.layers.GRU`. pooling: the last state, or the
    mean or maximum over the words. both_ways: a layer for each direction, side by side.
    """
    for name, size in {"dim": dim, "units": units}.items():
        check_range(size >= 1, name, size, "1 or more")
    good = 0 <= recurrent_dropout < 1
    check_range(good, "recurrent_dropout", recurrent_dropout, "0 to less than 1")
    check_range(pooling in POOLINGS, "pooling", pooling, " or ".join(POOLINGS))
    for name in (activation, recurrent_activation):
        check_range(name in _ACTIVATIONS, "activation", name, ", ".join(_ACTIVATIONS))
    ids = words_in()
    x = embedded(ids, words, dim, seed=seed)
    layer = cell(
        units,
        activation=activation,
        recurrent_activation=recurrent_activation,
        recurrent_dropout=recurrent_dropout,
        return_sequences=pooling != "last",
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed + 1),
        recurrent_initializer=keras.initializers.Orthogonal(seed=seed + 2),
        seed=seed + 3,
    )
    if both_ways:
        layer = keras.layers.Bidirectional(layer)
    x = layer(x, mask=seen(ids))
    if pooling == "last":
        x = keras.layers.Identity(name="document")(x)
    else:
        x = pooled(x, is_word(ids), pooling)
    probs = probabilities(x, classes, dropout=dropout, seed=seed + 4, l2=l2)
    return keras.Model(ids, probs)
