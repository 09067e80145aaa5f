"""Expected gradient lengths, against gradients that Keras computes."""

import numpy as np
import pytest

pytestmark = pytest.mark.slow  # loads Keras


@pytest.mark.parametrize("classes", [2, 5])
def test_egl_is_the_expected_norm_of_the_gradient_of_the_last_layer(rng, classes):
    tensorflow = pytest.importorskip("tensorflow")
    from alcli.backend import keras
    from alcli.signals.egl import egl

    if keras.backend.backend() != "tensorflow":
        pytest.skip("a tape is TensorFlow's")
    layer = keras.layers.Dense(classes, activation="softmax")
    layer.build((None, 7))
    layer.set_weights([rng.normal(size=(7, classes)), rng.normal(size=classes)])
    vectors = rng.normal(size=(20, 7)).astype("f4")
    probs = layer(vectors).numpy()
    slowly = np.zeros(20)
    for row in range(20):
        for number in range(classes):
            with tensorflow.GradientTape() as tape:
                loss = -tensorflow.math.log(layer(vectors[row : row + 1])[0, number])
            parts = tape.gradient(loss, layer.trainable_variables)
            squares = sum(float((part.numpy() ** 2).sum()) for part in parts)
            slowly[row] += probs[row, number] * np.sqrt(squares)

    np.testing.assert_allclose(
        egl(probs.astype(float), vectors.astype(float)), slowly, rtol=1e-4
    )
