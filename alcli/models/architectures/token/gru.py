"""Gated recurrent units over word embeddings (Cho et al., 2014)."""

from __future__ import annotations

from alcli.models.backend import keras
from alcli.models.networks.layers import recurrent_network


def gru(
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
    """Return an untrained network of gated recurrent units.

    words, classes: number of words and of classes. seed: seed of initialisers and of
    dropout. dim: width of the embedding. units: width of a recurrent layer. dropout,
    recurrent_dropout: rates, from 0 to less than 1. pooling: last, mean or max. l2:
    penalty of the output layer. The fast path of a GPU needs recurrent_dropout=0,
    activation=tanh and recurrent_activation=sigmoid.
    """
    return recurrent_network(
        keras.layers.GRU,
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
