"""One convolution over word embeddings, then the maximum over time (Kim, 2014)."""

from __future__ import annotations

from alcli.core.params import check_range
from alcli.models.backend import keras, ops
from alcli.models.networks.layers import embed, softmax_head, word_ids_input, word_mask


def cnn(
    words: int,
    classes: int,
    *,
    seed: int,
    dim: int = 100,
    filters: int = 128,
    width: int = 10,
    stride: int = 1,
    dropout: float = 0.3,
) -> keras.Model:
    """Return the CNN of the LDA-sampling study, untrained.

    words, classes: number of words and of classes. seed: seed of initialisers and of
    dropout. dim: width of the embedding. filters: number of filters. width, stride:
    kernel size and stride of the convolution, in words. dropout: rate, from 0 to less
    than 1.
    """
    sizes = {"dim": dim, "filters": filters, "width": width, "stride": stride}
    for name, size in sizes.items():
        check_range(size >= 1, name, size, "1 or more")
    ids = word_ids_input()
    real = word_mask(ids)
    x = embed(ids, words, dim, seed=seed)
    if stride > 1:  # "same" would shift the windows with the amount of padding
        x = keras.layers.ZeroPadding1D(((width - 1) // 2, width // 2))(x)
    x = keras.layers.Conv1D(
        filters,
        width,
        strides=stride,
        padding="valid" if stride > 1 else "same",
        activation="relu",
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed + 1),
    )(x)  # (batch, length / stride, filters)
    x = ops.multiply(x, real[:, ::stride] if stride > 1 else real)  # >= 0, so ...
    x = keras.layers.GlobalMaxPooling1D(name="document")(x)  # ... padding never wins
    probs = softmax_head(x, classes, dropout=dropout, seed=seed + 2)
    return keras.Model(ids, probs, name="cnn")
