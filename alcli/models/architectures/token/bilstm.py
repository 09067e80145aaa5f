"""Two LSTMs over word embeddings, one each way (Graves and Schmidhuber, 2005)."""

from __future__ import annotations

from alcli.models.backend import keras
from alcli.models.networks.layers import recurrent


def bilstm(
    words: int,
    classes: int,
    *,
    seed: int,
    dim: int = 100,
    units: int = 128,
    dropout: float = 0.3,
    recurrent_dropout: float = 0.3,
    activation: str = "tanh",
    recurrent_activation: str = "hard_sigmoid",
    pooling: str = "last",
    l2: float = 0.0,
) -> keras.Model:
    """Return a network of two LSTMs, one each way, untrained.

    dim: of the embedding. pooling: last, mean, max. l2: on the output layer. A GPU's
    fast path needs recurrent_dropout=0, activation=tanh, recurrent_activation=sigmoid.
    """
    return recurrent(
        keras.layers.LSTM,
        words,
        classes,
        seed=seed,
        dim=dim,
        units=units,
        dropout=dropout,
        recurrent_dropout=recurrent_dropout,
        activation=activation,
        recurrent_activation=recurrent_activation,
        pooling=pooling,
        l2=l2,
        both_ways=True,
    )
