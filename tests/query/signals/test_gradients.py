"""Expected gradient lengths, against gradients that Keras computes."""

import numpy as np
import pytest

pytestmark = pytest.mark.slow  # loads Keras


@pytest.mark.parametrize("classes", [2, 5])
def test_egl_is_the_expected_norm_of_the_gradient_of_the_last_layer(rng, classes):
    tensorflow = pytest.importorskip("tensorflow")
    from alcli.models.backend import keras
    from alcli.query.signals.egl import egl

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
        egl(probs.astype(float), np.linalg.norm(vectors, axis=1)), slowly, rtol=1e-4
    )


def test_egl_of_a_linear_model_is_of_its_features():
    """By the gradient of each loss in weights and bias, written out."""
    import alcli

    words = ["bad", "good", "odd"]
    rows = [
        {"id": i, "tokens": f"{words[i % 3]} w{i % 7} v{i % 5}", "label": words[i % 3]}
        for i in range(60)
    ]
    model = alcli.train(rows, arch="logreg", params={"components": 0})
    asked = [*rows[:9], {"id": "none", "tokens": "unheard of"}]
    found = list(alcli.score(asked, model, signals=["egl"]))
    features = model.learner.tfidf.transform([r["tokens"] for r in asked]).toarray()
    for row, h in zip(found, features, strict=True):
        p = np.array(list(row["probs"].values()))
        lengths = []
        for label in range(3):
            off = p - (np.arange(3) == label)
            weights, bias = np.outer(h, off), off
            lengths.append(np.sqrt((weights**2).sum() + (bias**2).sum()))
        assert row["signals"]["egl"] == pytest.approx(p @ lengths, rel=1e-4)
