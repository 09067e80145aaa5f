"""Long short-term memory over word embeddings (Hochreiter and Schmidhuber, 1997)."""

from __future__ import annotations

from alcli.models.backend import keras
from alcli.models.networks.layers import recurrent


def lstm(
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
    """Return the LSTM of the LDA-sampling study, untrained.

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
    )
