"""Networks with one recurrent layer, and their parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alcli.core.params import check_range
from alcli.models.backend import keras
from alcli.models.networks.layers import (
    embed,
    pool_words,
    recurrent_mask,
    softmax_head,
    word_ids_input,
    word_mask,
)

_POOLINGS = ("last", "mean", "max")
_ACTIVATIONS = ("tanh", "sigmoid", "hard_sigmoid", "relu", "softsign", "linear")


@dataclass(frozen=True)
class RecurrentParams:
    """Parameters of the recurrent architectures.

    dim: width of the embedding. units: width of a recurrent layer. dropout,
    recurrent_dropout: rates, from 0 to less than 1. pooling: last for the last state,
    mean or max over the words. l2: penalty of the output layer.

    The fast path of a GPU needs recurrent_dropout=0, activation=tanh and
    recurrent_activation=sigmoid.

    Raises:
        BadParameter: a value is out of range.
    """

    dim: int = 100
    units: int = 128
    dropout: float = 0.3
    recurrent_dropout: float = 0.3
    activation: str = "tanh"
    recurrent_activation: str = "hard_sigmoid"
    pooling: str = "last"
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name, size in {"dim": self.dim, "units": self.units}.items():
            check_range(size >= 1, name, size, "1 or more")
        rate = self.recurrent_dropout
        check_range(0 <= rate < 1, "recurrent_dropout", rate, "0 to less than 1")
        pooling, poolings = self.pooling, " or ".join(_POOLINGS)
        check_range(pooling in _POOLINGS, "pooling", pooling, poolings)
        for name in (self.activation, self.recurrent_activation):
            known = ", ".join(_ACTIVATIONS)
            check_range(name in _ACTIVATIONS, "activation", name, known)


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
