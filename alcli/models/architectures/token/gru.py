"""Gated recurrent units over word embeddings (Cho et al., 2014)."""

from __future__ import annotations

from alcli.core.params import shared_params
from alcli.models.architectures.token._recurrent import (
    RecurrentParams,
    recurrent_network,
)
from alcli.models.backend import keras


@shared_params(RecurrentParams)
def gru(words: int, classes: int, *, seed: int, params: RecurrentParams) -> keras.Model:
    """Return an untrained network of gated recurrent units.

    words, classes: number of words and of classes. seed: seed of initialisers and of
    dropout.
    """
    return recurrent_network(keras.layers.GRU, words, classes, seed=seed, params=params)
