"""Networks with one recurrent layer."""

from __future__ import annotations

from typing import Any

from alcli.models.architectures.token import RecurrentParams
from alcli.models.backend import keras
from alcli.models.networks.layers import (
    embed,
    pool_words,
    recurrent_mask,
    softmax_head,
    word_ids_input,
    word_mask,
)


def recurrent_network(
    cell: Any,
    words: int,
    classes: int,
    *,
    seed: int,
    params: RecurrentParams,
    bidirectional: bool = False,
) -> keras.Model:
    """Return an untrained network with one recurrent layer of Keras.

    cell: `keras.layers.LSTM` or `keras.layers.GRU`. words, classes: number of words and
    of classes. seed: seed of initialisers and of dropout. bidirectional: a layer for
    each direction, outputs concatenated.
    """
    ids = word_ids_input()
    x = embed(ids, words, params.dim, seed=seed)
    layer = cell(
        params.units,
        activation=params.activation,
        recurrent_activation=params.recurrent_activation,
        recurrent_dropout=params.recurrent_dropout,
        return_sequences=params.pooling != "last",
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed + 1),
        recurrent_initializer=keras.initializers.Orthogonal(seed=seed + 2),
        seed=seed + 3,
    )
    if bidirectional:
        layer = keras.layers.Bidirectional(layer)
    x = layer(x, mask=recurrent_mask(ids))
    if params.pooling == "last":
        x = keras.layers.Identity(name="document")(x)
    else:
        x = pool_words(x, word_mask(ids), params.pooling)
    probs = softmax_head(
        x, classes, dropout=params.dropout, seed=seed + 4, l2=params.l2
    )
    return keras.Model(ids, probs)
