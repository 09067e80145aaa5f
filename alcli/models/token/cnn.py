"""One convolution over word embeddings, then the maximum over time (Kim, 2014)."""

from __future__ import annotations

from alcli.backend import keras, ops
from alcli.core.params import require


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

    dim: of the embedding. width, stride: of the convolution, in words.
    """
    sizes = {"dim": dim, "filters": filters, "width": width, "stride": stride}
    for name, size in sizes.items():
        require(size >= 1, name, size, "1 or more")
    require(0 <= dropout < 1, "dropout", dropout, "0 to less than 1")
    layers, init = keras.layers, keras.initializers
    ids = keras.Input((None,), dtype="int32", name="words")  # (batch, length)
    real = ops.expand_dims(ops.cast(ops.not_equal(ids, 0), "float32"), -1)
    x = layers.Embedding(
        words + 1, dim, embeddings_initializer=init.RandomUniform(seed=seed)
    )(ids)
    x = ops.multiply(x, real)  # (batch, length, dim): padding is nothing
    # windows start at the same words however long the padding is
    x = layers.ZeroPadding1D(((width - 1) // 2, width // 2))(x)
    x = layers.Conv1D(
        filters,
        width,
        strides=stride,
        activation="relu",
        kernel_initializer=init.GlorotUniform(seed=seed + 1),
    )(x)  # (batch, length / stride, filters)
    x = ops.multiply(x, real[:, ::stride] if stride > 1 else real)  # >= 0, so ...
    x = layers.GlobalMaxPooling1D(name="document")(x)  # ... padding never wins
    x = layers.Dropout(dropout, seed=seed + 2)(x)
    probs = layers.Dense(
        classes,
        activation="softmax",
        kernel_initializer=init.GlorotUniform(seed=seed + 3),
        name="probs",
    )(x)
    return keras.Model(ids, probs, name="cnn")
