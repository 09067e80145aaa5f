"""Monte Carlo dropout equals Keras' dropout with the masks of a pass."""

import numpy as np
import pytest

from tests.models.networks.rows import rows_of

pytestmark = pytest.mark.slow  # loads Keras


def dropout_mask(rng, rate, *shape):
    return (rng.random(shape) >= rate) / (1 - rate)


TEXTS = [[1, 2, 3], [4], [], [5, 6, 7, 8, 9, 9, 9], [2, 2]]


def dropout_passes(model, texts=TEXTS, passes=4, seed=3):
    from alcli.models.backend import keras
    from alcli.models.backend.compiled import CompiledPredict
    from alcli.models.networks.batches import predict_rows
    from alcli.models.networks.mc_dropout import McDropout

    document = model.get_layer("document").output
    [vectors] = predict_rows(
        CompiledPredict(keras.Model(model.inputs, document)), rows_of(texts)
    )
    drawn = McDropout(model)
    assert drawn.random
    return vectors, drawn(rows_of(texts), vectors, passes=passes, seed=seed)


def head_of(model, vectors, masks):
    kernel, bias = model.get_layer("probs").get_weights()
    powers = np.exp(vectors * masks @ kernel + bias)
    return powers / powers.sum(axis=1, keepdims=True)


def test_a_pass_drops_the_same_units_for_all_texts():
    from alcli.models.architectures.token.cnn import cnn

    model = cnn(9, 3, seed=0, filters=32, dropout=0.4)
    model.get_layer("probs").kernel.assign(
        np.random.default_rng(1).normal(size=(32, 3))
    )
    vectors, member_probs = dropout_passes(model)
    for number in range(4):
        masks = dropout_mask(np.random.default_rng([3, number]), 0.4, 32)
        np.testing.assert_allclose(
            member_probs[number], head_of(model, vectors, masks), atol=1e-6
        )
    assert np.ptp(member_probs, axis=0).max() > 0.01


@pytest.mark.parametrize("name", ["LSTM", "GRU", "SimpleRNN"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_recurrent_dropout_equals_keras_with_the_masks_of_the_pass(name, bidirectional):
    from alcli.models.backend import keras
    from alcli.models.networks.layers import (
        embed,
        pool_words,
        softmax_head,
        word_ids_input,
        word_mask,
    )

    units, dim, rates = 5, 6, {"dropout": 0.3, "recurrent_dropout": 0.4}
    ids = word_ids_input()
    layer = getattr(keras.layers, name)(units, return_sequences=True, **rates)
    if bidirectional:
        layer = keras.layers.Bidirectional(layer)
    states = layer(embed(ids, 9, dim, seed=0))
    document = pool_words(states, word_mask(ids), "max")
    model = keras.Model(ids, softmax_head(document, 3, dropout=0.0, seed=1))
    gates = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[name]
    texts = [[1, 2, 3], [4, 5, 6]]  # of one length, so without padding
    _, member_probs = dropout_passes(model, texts, passes=2)

    for number in range(2):
        rng = np.random.default_rng([3, number])
        parts = (
            [layer.forward_layer, layer.backward_layer] if bidirectional else [layer]
        )
        for part in parts:
            drawn = {
                "get_dropout_mask": dropout_mask(rng, 0.3, dim, gates),
                "get_recurrent_dropout_mask": dropout_mask(rng, 0.4, units, gates),
            }
            for method, masks in drawn.items():
                each = [mask[None].astype("f4") for mask in masks.T]
                answer = each if gates > 1 else each[0]
                setattr(part.cell, method, lambda _, answer=answer: answer)
        by_keras = keras.ops.convert_to_numpy(model(np.array(texts), training=True))
        np.testing.assert_allclose(member_probs[number], by_keras, atol=1e-6)


def test_dropout_of_word_vectors_drops_a_unit_at_every_word():
    from alcli.models.backend import keras
    from alcli.models.networks.layers import (
        embed,
        pool_words,
        word_ids_input,
        word_mask,
    )

    ids = word_ids_input()
    words = keras.layers.Dropout(0.5)(embed(ids, 9, 6, seed=0))
    document = pool_words(words, word_mask(ids), "mean")
    model = keras.Model(
        ids, keras.layers.Dense(3, activation="softmax", name="probs")(document)
    )
    vectors, member_probs = dropout_passes(model)
    for number in range(4):
        masks = dropout_mask(np.random.default_rng([3, number]), 0.5, 6)
        np.testing.assert_allclose(
            member_probs[number], head_of(model, vectors, masks), atol=1e-6
        )


def test_the_network_is_unchanged():
    from alcli.models.architectures.token.lstm import lstm

    model = lstm(9, 3, seed=0, dim=4, units=5)
    before = model.get_weights()
    array = np.array([[1, 2, 3], [4, 5, 0]])
    answer = model.predict_on_batch(array)
    dropout_passes(model)

    assert dropout_passes(model, [])[1].shape == (4, 0, 3)
    np.testing.assert_array_equal(model.predict_on_batch(array), answer)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
