"""Training networks: copies, the loop, and how it ends."""

import signal

import numpy as np
import pytest

from alcli.core.errors import InputError, Signalled, SurroundingsError
from tests.models.networks.rows import rows_of

pytestmark = pytest.mark.slow  # loads Keras


@pytest.fixture(scope="module")
def examples():
    from alcli.models.networks.loop import Examples

    rng = np.random.default_rng(0)
    targets = rng.integers(0, 2, 200)
    rows = [
        [int(target) * 40 + 1, *rng.integers(1, 60, rng.integers(0, 9)).tolist()]
        for target in targets
    ]
    return Examples(rows_of(rows), targets, np.ones(200))


def network(words=80, arch="cnn", **params):
    from alcli.models import architectures

    return architectures.get(arch)(words, 2, seed=0, **{"dropout": 0.0, **params})


def loop(epochs=3, **how):
    from alcli.models.networks.loop import Loop

    return Loop(epochs=epochs, batch_size=32, learning_rate=0.01, **how)


@pytest.mark.parametrize("arch", ["cnn", "lstm"])
def test_only_words_that_occur_are_trained_and_nothing_differs(examples, arch):
    from alcli.models.networks.vocabulary_pruning import Narrow

    params = {"dim": 8} | ({"filters": 8} if arch == "cnn" else {"units": 8})
    full = network(5000, arch, **params)
    start = [weights.copy() for weights in full.get_weights()]
    copy = Narrow.of(full, examples.rows, "float32")
    rows = copy.renumbered(examples.rows)
    narrow = type(examples)(rows, examples.targets, examples.weights)
    loop().run(copy.model, narrow, None, seed=0)
    trained = copy.widened(full)
    for before, now in zip(start, full.get_weights(), strict=True):
        np.testing.assert_array_equal(before, now)  # the original stays as it is
    loop().run(full, examples, None, seed=0)

    assert copy.model.get_layer("embedding").input_dim <= 61
    for ours, plain in zip(trained.get_weights(), full.get_weights(), strict=True):
        np.testing.assert_allclose(ours, plain, atol=1e-5)
    assert np.abs(trained.get_weights()[0] - start[0]).max() > 1e-3


def test_words_have_other_numbers_in_the_copy():
    from alcli.models.networks.vocabulary_pruning import Narrow

    rows = rows_of([[7, 3], [], [70, 3]])
    copy = Narrow.of(network(), rows, "float32")

    assert copy.words.tolist() == [0, 3, 7, 70]
    array = copy.renumbered(rows).padded(np.arange(3), 3)
    assert array.tolist() == [[2, 1, 0], [0, 0, 0], [3, 1, 0]]


def test_a_network_of_other_layers_is_trained_as_it_is(examples):
    from alcli.models.backend import keras
    from alcli.models.networks.vocabulary_pruning import Narrow

    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(81, 4, name="mine")(ids)
    x = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(ids, keras.layers.Dense(2, activation="softmax")(x))
    copy = Narrow.of(model, examples.rows, "float32")

    assert copy.words is None
    assert copy.renumbered(examples.rows) is examples.rows
    for ours, its in zip(
        copy.widened(model).get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, its)


def test_mixed_precision_computes_in_it_and_stores_float32(examples):
    from alcli.models.networks.vocabulary_pruning import Narrow

    start = network()
    copy = Narrow.of(start, examples.rows, "mixed_bfloat16")
    done = loop(precision="mixed_bfloat16")
    rows = copy.renumbered(examples.rows)
    narrow = type(examples)(rows, examples.targets, examples.weights)
    done.run(copy.model, narrow, None, seed=0)
    trained = copy.widened(start)

    assert copy.model.get_layer("document").compute_dtype == "bfloat16"
    assert copy.model.get_layer("probs").compute_dtype == "float32"
    assert {layer.compute_dtype for layer in trained.layers} == {"float32"}
    assert done.history[-1]["loss"] < done.history[0]["loss"]


@pytest.mark.parametrize("arch", ["lstm", "bilstm"])
def test_mixed_precision_reaches_what_is_wrapped(examples, arch):
    from alcli.models.networks.vocabulary_pruning import Narrow

    copy = Narrow.of(network(arch=arch), examples.rows, "mixed_bfloat16").model
    sides = ("forward_layer", "backward_layer")
    layers = [getattr(x, side, x) for x in copy.layers for side in sides]
    cells = [x for x in layers if type(x).__name__ == "LSTM"]

    assert len(cells) == 2
    assert {cell.compute_dtype for cell in cells} == {"bfloat16"}


def test_the_best_epoch_is_kept_and_the_rest_saved(examples):
    model = network()
    rows = [[1 + 40 * int(1 - t)] for t in examples.targets]  # the other way round
    wrong = type(examples)(rows_of(rows), examples.targets, examples.weights)
    done = loop(epochs=9, patience=2)
    done.run(model, examples, wrong, seed=0)
    losses = [record["validation_loss"] for record in done.history]
    from alcli.models.backend.compiled import Asker
    from alcli.models.networks.loop import measured

    assert losses[done.kept - 1] == min(losses)
    assert len(losses) == done.kept + 2 < 9
    assert measured(Asker(model), wrong)["validation_loss"] == pytest.approx(
        min(losses), abs=1e-5
    )


def test_a_loss_that_is_no_number_ends_it(examples):
    from alcli.models.networks.loop import Loop

    diverging = Loop(epochs=9, batch_size=8, learning_rate=1e20)
    with pytest.raises(
        InputError, match=r"diverged in epoch \d: the loss is (nan|inf)"
    ):
        diverging.run(network(), examples, None, seed=0)


class Stopped:
    """Raises when an epoch is begun."""

    def __init__(self, monkeypatch, epoch, error):
        from alcli.models.networks import loop as module

        self.plain, self.epoch, self.error, self.begun = module.epoch, epoch, error, 0
        monkeypatch.setattr(module, "epoch", self)

    def __call__(self, *args):
        self.begun += 1
        if self.begun == self.epoch:
            raise self.error
        return self.plain(*args)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Signalled(signal.SIGTERM)])
def test_a_signal_keeps_the_last_epoch_if_asked(examples, monkeypatch, error):
    model, same = network(), network()
    Stopped(monkeypatch, 3, error)
    done = loop(epochs=9, keep=True)
    done.run(model, examples, None, seed=0)
    monkeypatch.undo()
    loop(epochs=2).run(same, examples, None, seed=0)

    number = error.args[0] if error.args else signal.SIGINT
    assert (done.interrupted, done.kept, len(done.history)) == (number, 2, 2)
    for ours, plain in zip(model.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, plain)


def test_a_signal_that_somebody_swallowed_is_heard_after_the_step(
    examples, monkeypatch
):
    monkeypatch.setattr(Signalled, "number", signal.SIGTERM)
    with pytest.raises(Signalled):
        loop().run(network(), examples, None, seed=0)


@pytest.mark.parametrize(("keep", "epoch"), [(False, 3), (True, 1)])
def test_else_it_goes_on_to_whoever_listens(examples, monkeypatch, keep, epoch):
    Stopped(monkeypatch, epoch, Signalled(signal.SIGINT))
    with pytest.raises(Signalled):
        loop(keep=keep).run(network(), examples, None, seed=0)


class ResourceExhaustedError(Exception):
    """As TensorFlow names it."""


@pytest.mark.parametrize(
    "error", [ResourceExhaustedError(), RuntimeError("RESOURCE_EXHAUSTED: 9 GB")]
)
def test_out_of_memory_names_the_remedy(examples, monkeypatch, error):
    Stopped(monkeypatch, 1, error)
    with pytest.raises(SurroundingsError, match="smaller --batch-size"):
        loop().run(network(), examples, None, seed=0)


def test_other_errors_stay_what_they_are(examples, monkeypatch):
    Stopped(monkeypatch, 1, RuntimeError("a bug"))
    with pytest.raises(RuntimeError, match="a bug"):
        loop().run(network(), examples, None, seed=0)


def test_the_schedule_reaches_the_optimiser(examples, monkeypatch):
    from alcli.models.networks.loop import Loop

    plain = Loop._set_rate
    rates = []
    monkeypatch.setattr(
        "alcli.models.networks.loop.Loop._set_rate",
        lambda self, optimizer, step, steps: (
            plain(self, optimizer, step, steps),
            rates.append(float(optimizer.learning_rate)),
        ),
    )
    loop(epochs=2, schedule="linear").run(network(), examples, None, seed=0)
    steps = 2 * -(-200 // 32)

    assert rates == pytest.approx([0.01 * (1 - i / steps) for i in range(steps)])


def test_a_step_is_keras_own(examples):
    """Equal weights after an epoch of ours and of `train_on_batch`."""
    from alcli.models.backend import keras
    from alcli.models.networks.batches import batch, epoch

    weighted = type(examples)(
        examples.rows, examples.targets, np.linspace(0.5, 2, len(examples.targets))
    )
    ours, plain = network(arch="lstm", l2=0.01), network(arch="lstm", l2=0.01)
    done = loop(epochs=1)
    done.run(ours, weighted, None, seed=5)
    plain.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    losses = [
        len(rows)
        * plain.train_on_batch(
            batch(weighted.rows, rows),
            weighted.targets[rows],
            sample_weight=weighted.weights[rows],
        )
        for rows in epoch(weighted.rows.lengths, 32, np.random.default_rng(5))
    ]

    assert done.history[0]["loss"] == pytest.approx(sum(losses) / 200, abs=1e-4)
    for a, b in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
