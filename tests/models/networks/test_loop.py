"""Training loop of networks, and the pruned copies that it trains."""

import signal

import numpy as np
import pytest

from alcli.core.errors import InputError, Signalled, SurroundingsError
from alcli.models.settings import TrainingSettings
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


def loop(epochs=3, **options):
    from alcli.models.networks.loop import TrainingLoop

    options = {"batch_size": 32, "learning_rate": 0.01} | options
    return TrainingLoop(TrainingSettings(**options), epochs)


@pytest.mark.parametrize("arch", ["cnn", "lstm"])
def test_a_pruned_copy_trains_to_the_same_weights(examples, arch):
    from alcli.models.networks.vocabulary_pruning import PrunedModel

    params = {"dim": 8} | ({"filters": 8} if arch == "cnn" else {"units": 8})
    full = network(5000, arch, **params)
    start = [weights.copy() for weights in full.get_weights()]
    copy = PrunedModel.of(full, examples.rows, "float32")
    rows = copy.renumber(examples.rows)
    narrow = type(examples)(rows, examples.targets, examples.weights)
    loop().run(copy.model, narrow, None)
    trained = copy.merge_back(full)
    for before, now in zip(start, full.get_weights(), strict=True):
        np.testing.assert_array_equal(before, now)  # the original stays as it is
    loop().run(full, examples, None)

    assert copy.model.get_layer("embedding").input_dim <= 61
    for ours, plain in zip(trained.get_weights(), full.get_weights(), strict=True):
        np.testing.assert_allclose(ours, plain, atol=1e-5)
    assert np.abs(trained.get_weights()[0] - start[0]).max() > 1e-3


def test_a_pruned_copy_renumbers_words():
    from alcli.models.networks.vocabulary_pruning import PrunedModel

    rows = rows_of([[7, 3], [], [70, 3]])
    copy = PrunedModel.of(network(), rows, "float32")

    assert copy.words.tolist() == [0, 3, 7, 70]
    array = copy.renumber(rows).pad(np.arange(3), 3)
    assert array.tolist() == [[2, 1, 0], [0, 0, 0], [3, 1, 0]]


def test_a_network_without_an_embedding_layer_is_not_pruned(examples):
    from alcli.models.backend import keras
    from alcli.models.networks.vocabulary_pruning import PrunedModel

    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(81, 4, name="mine")(ids)
    x = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(ids, keras.layers.Dense(2, activation="softmax")(x))
    copy = PrunedModel.of(model, examples.rows, "float32")

    assert copy.words is None
    assert copy.renumber(examples.rows) is examples.rows
    for ours, its in zip(
        copy.merge_back(model).get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, its)


def test_mixed_precision_stores_float32_weights(examples):
    from alcli.models.networks.vocabulary_pruning import PrunedModel

    start = network()
    copy = PrunedModel.of(start, examples.rows, "mixed_bfloat16")
    done = loop(precision="mixed_bfloat16")
    rows = copy.renumber(examples.rows)
    narrow = type(examples)(rows, examples.targets, examples.weights)
    done.run(copy.model, narrow, None)
    trained = copy.merge_back(start)

    assert copy.model.get_layer("document").compute_dtype == "bfloat16"
    assert copy.model.get_layer("probs").compute_dtype == "float32"
    assert {layer.compute_dtype for layer in trained.layers} == {"float32"}
    assert done.history[-1]["loss"] < done.history[0]["loss"]


@pytest.mark.parametrize("arch", ["lstm", "bilstm"])
def test_mixed_precision_applies_to_wrapped_layers(examples, arch):
    from alcli.models.networks.vocabulary_pruning import PrunedModel

    copy = PrunedModel.of(network(arch=arch), examples.rows, "mixed_bfloat16").model
    sides = ("forward_layer", "backward_layer")
    layers = [getattr(x, side, x) for x in copy.layers for side in sides]
    cells = [x for x in layers if type(x).__name__ == "LSTM"]

    assert len(cells) == 2
    assert {cell.compute_dtype for cell in cells} == {"bfloat16"}


def test_early_stopping_keeps_the_best_epoch(examples):
    model = network()
    rows = [[1 + 40 * int(1 - t)] for t in examples.targets]  # labels swapped
    wrong = type(examples)(rows_of(rows), examples.targets, examples.weights)
    done = loop(epochs=9, patience=2)
    done.run(model, examples, wrong)
    losses = [record["validation_loss"] for record in done.history]
    from alcli.models.backend.compiled import CompiledPredict
    from alcli.models.networks.loop import validation_metrics

    assert losses[done.kept_epoch - 1] == min(losses)
    assert len(losses) == done.kept_epoch + 2 < 9
    assert validation_metrics(CompiledPredict(model), wrong)[
        "validation_loss"
    ] == pytest.approx(min(losses), abs=1e-5)


def test_a_loss_that_is_not_finite_raises(examples):
    diverging = loop(epochs=9, batch_size=8, learning_rate=1e20)
    with pytest.raises(
        InputError, match=r"diverged in epoch \d: the loss is (nan|inf)"
    ):
        diverging.run(network(), examples, None)


class RaisingEpoch:
    """Replacement of `epoch_batches` that raises at the start of an epoch."""

    def __init__(self, monkeypatch, epoch, error):
        from alcli.models.networks import loop as module

        self.plain, self.epoch = module.epoch_batches, epoch
        self.error, self.begun = error, 0
        monkeypatch.setattr(module, "epoch_batches", self)

    def __call__(self, *args):
        self.begun += 1
        if self.begun == self.epoch:
            raise self.error
        return self.plain(*args)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Signalled(signal.SIGTERM)])
def test_a_signal_keeps_the_best_epoch_with_on_interrupt_save(
    examples, monkeypatch, error
):
    model, same = network(), network()
    RaisingEpoch(monkeypatch, 3, error)
    done = loop(epochs=9, on_interrupt="save")
    done.run(model, examples, None)
    monkeypatch.undo()
    loop(epochs=2).run(same, examples, None)

    number = error.args[0] if error.args else signal.SIGINT
    assert (done.interrupted, done.kept_epoch, len(done.history)) == (number, 2, 2)
    for ours, plain in zip(model.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, plain)


def test_a_swallowed_signal_is_raised_after_the_step(examples, monkeypatch):
    monkeypatch.setattr(Signalled, "number", signal.SIGTERM)
    with pytest.raises(Signalled):
        loop().run(network(), examples, None)


@pytest.mark.parametrize(("on_interrupt", "epoch"), [("discard", 3), ("save", 1)])
def test_a_signal_is_raised_without_an_epoch_to_keep(
    examples, monkeypatch, on_interrupt, epoch
):
    RaisingEpoch(monkeypatch, epoch, Signalled(signal.SIGINT))
    with pytest.raises(Signalled):
        loop(on_interrupt=on_interrupt).run(network(), examples, None)


class ResourceExhaustedError(Exception):
    """Stand-in for TensorFlow's class of this name."""


@pytest.mark.parametrize(
    "error", [ResourceExhaustedError(), RuntimeError("RESOURCE_EXHAUSTED: 9 GB")]
)
def test_running_out_of_memory_names_the_remedy(examples, monkeypatch, error):
    RaisingEpoch(monkeypatch, 1, error)
    with pytest.raises(SurroundingsError, match="smaller --batch-size"):
        loop().run(network(), examples, None)


def test_other_errors_are_raised_unchanged(examples, monkeypatch):
    RaisingEpoch(monkeypatch, 1, RuntimeError("a bug"))
    with pytest.raises(RuntimeError, match="a bug"):
        loop().run(network(), examples, None)


def test_the_schedule_sets_the_learning_rate(examples, monkeypatch):
    from alcli.models.networks.loop import TrainingLoop

    plain = TrainingLoop._set_learning_rate
    rates = []
    monkeypatch.setattr(
        "alcli.models.networks.loop.TrainingLoop._set_learning_rate",
        lambda self, optimizer, step, steps: (
            plain(self, optimizer, step, steps),
            rates.append(float(optimizer.learning_rate)),
        ),
    )
    loop(epochs=2, schedule="linear").run(network(), examples, None)
    steps = 2 * -(-200 // 32)

    assert rates == pytest.approx([0.01 * (1 - i / steps) for i in range(steps)])


def test_a_training_step_equals_that_of_keras(examples):
    """Compare the weights after an epoch with those of `train_on_batch`."""
    from alcli.models.backend import keras
    from alcli.models.networks.batches import batch_array, epoch_batches

    weighted = type(examples)(
        examples.rows, examples.targets, np.linspace(0.5, 2, len(examples.targets))
    )
    ours, plain = network(arch="lstm", l2=0.01), network(arch="lstm", l2=0.01)
    done = loop(epochs=1, seed=5)
    done.run(ours, weighted, None)
    plain.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    losses = [
        len(rows)
        * plain.train_on_batch(
            batch_array(weighted.rows, rows),
            weighted.targets[rows],
            sample_weight=weighted.weights[rows],
        )
        for rows in epoch_batches(weighted.rows.lengths, 32, np.random.default_rng(5))
    ]

    assert done.history[0]["loss"] == pytest.approx(sum(losses) / 200, abs=1e-4)
    for a, b in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
