"""Word gradient norms, against gradients of one text and one class at a time."""

import numpy as np
import pytest

from tests.models.networks.rows import rows_of

pytestmark = pytest.mark.slow  # loads Keras
TEXTS = [[1, 2, 3], [4], [], [5, 6, 7, 8, 2, 2, 2], [2, 2], [3] * 10]


def network(arch):
    from alcli.models.architectures.token.cnn import cnn
    from alcli.models.architectures.token.gru import gru
    from alcli.models.architectures.token.lstm import lstm

    if arch == "cnn":
        model = cnn(8, 3, seed=0, dim=5, filters=6, width=3)
    elif arch == "lstm":
        model = lstm(8, 3, seed=0, dim=5, units=4)
    else:
        model = gru(8, 3, seed=0, dim=5, units=4, pooling="mean")
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def by_differences(model, text):
    """Return sum_c p_c ||d(-log p_c) / d vector|| at each place, numerically."""
    from alcli.models.backend import ops
    from alcli.models.backend.compiled import CompiledPredict

    variable = model.get_layer("embedding").embeddings
    original = ops.convert_to_numpy(variable).copy()
    row = np.array([text], np.int32)
    step, ask = 1e-2, CompiledPredict(model)

    def logs(table):
        variable.assign(table)
        [probs] = ask(row)
        return np.log(probs[0])

    probs = np.exp(logs(original))
    found = {}
    for word in set(text):
        gradients = np.empty((len(probs), original.shape[1]))
        for axis in range(original.shape[1]):
            up, down = original.copy(), original.copy()
            up[word, axis] += step
            down[word, axis] -= step
            gradients[:, axis] = (logs(up) - logs(down)) / (2 * step)
        found[word] = (probs * np.linalg.norm(gradients, axis=1)).sum()
    variable.assign(original)
    return np.array([found[word] for word in text])


def by_tape(model, text):
    """Return the same from the gradient of each loss in the embedding table."""
    import tensorflow

    variable = model.get_layer("embedding").embeddings
    found = np.zeros(len(text))
    for number in range(3):
        with tensorflow.GradientTape() as tape:
            probs = model(np.array([text]), training=False)
            loss = -tensorflow.math.log(probs[0, number])
        gradients = tensorflow.convert_to_tensor(tape.gradient(loss, variable.value))
        lengths = np.linalg.norm(gradients.numpy()[text], axis=1)
        found += probs.numpy()[0, number] * lengths
    return found


@pytest.mark.parametrize("arch", ["cnn", "lstm", "gru"])
@pytest.mark.parametrize("slowly", [by_tape, by_differences])
def test_word_gradient_norms_equal_those_of_each_text_alone(arch, slowly):
    from alcli.models.backend import keras
    from alcli.models.networks.word_gradients import WordGradientNorms

    if slowly is by_tape and keras.backend.backend() != "tensorflow":
        pytest.skip("a tape is TensorFlow's")
    model = network(arch)
    found = WordGradientNorms(model)(rows_of(TEXTS))

    assert found.shape == (len(TEXTS), 10)
    for text, lengths in zip(TEXTS, found, strict=True):
        assert (lengths[len(text) :] == 0).all()
        if text:
            atol = 1e-5 if slowly is by_tape else 2e-2
            expected = slowly(model, text)
            np.testing.assert_allclose(lengths[: len(text)], expected, atol=atol)


def test_no_texts_and_empty_texts_are_accepted():
    from alcli.models.networks.word_gradients import WordGradientNorms

    norms = WordGradientNorms(network("cnn"))

    assert norms(rows_of([])).shape == (0, 1)
    assert norms(rows_of([[]])).tolist() == [[0]]
