"""Long short-term memory over word embeddings (Hochreiter and Schmidhuber, 1997)."""

from __future__ import annotations

from alcli.core.params import shared_params
from alcli.models.architectures.token._recurrent import (
    RecurrentParams,
    recurrent_network,
)
from alcli.models.backend import keras


@shared_params(RecurrentParams)
def lstm(
    words: int, classes: int, *, seed: int, params: RecurrentParams
) -> keras.Model:
    """Return the LSTM network of the LDA-sampling study, untrained.

    words, classes: number of words and of classes. seed: seed of initialisers and of
    dropout.
    """
    return recurrent_network(
        keras.layers.LSTM, words, classes, seed=seed, params=params
    )
