"""Contract tests that run for every architecture in the folder."""

from dataclasses import replace

import numpy as np
import pytest
from msgspec.json import encode

from alcli.core.errors import UsageError
from alcli.core.step import Block
from alcli.models import architectures
from alcli.models.checkpoint import Checkpoint, join
from alcli.models.settings import ModelSettings, TrainingSettings
from alcli.models.training import Training
from alcli.models.training.train import train

pytestmark = pytest.mark.slow  # loads Keras

WORDS = ["خوب", "بد", "عالی", "غذا", "سرد", "گرم", "کیفیت", "ارسال", "دیر", "زود"]


def make_records(n=120, seed=0):
    rng = np.random.default_rng(seed)
    labels = ["negative", "neutral", "positive"]
    records = []
    for i in range(n):
        kind = i % 3
        length = int(rng.integers(1, 40))
        words = rng.choice(WORDS, length).tolist() + [WORDS[kind]] * 3
        records.append((f"r{i}", " ".join(words), labels[kind]))
    return records


def as_record(row):
    return dict(zip(("id", "tokens", "label"), row, strict=True))


def trained(arch, seed=0, **params):
    params = {"min_count": 1, "max_share": 1.0, **params}
    epochs = 2 if architectures.family_of(arch) == "token" else None
    training = Training(
        ModelSettings(arch=arch, params=params),
        TrainingSettings(epochs=epochs, seed=seed),
    )
    training.add(Block(b"".join(encode(as_record(r)) + b"\n" for r in make_records())))
    return training.run()


NETWORKS = architectures.registries()["token"].names()


@pytest.fixture(scope="module", params=architectures.names())
def arch(request):
    return request.param


@pytest.fixture(scope="module")
def checkpoint(arch):
    return trained(arch)


@pytest.fixture(scope="module")
def again(arch):
    """Return the same model trained again, and NumPy's global state around it."""
    before = np.random.get_state()[1:3]
    return trained(arch), before, np.random.get_state()[1:3]


@pytest.fixture(scope="module")
def fewer_words(arch):
    return trained(arch, max_share=0.9)


TEXTS = [text for _, text, _ in make_records(40, seed=1)] + ["", "ناشناس", "خوب"]


def test_probabilities_sum_to_one(checkpoint):
    probs = checkpoint.predict(TEXTS).probs

    assert probs.shape == (len(TEXTS), 3)
    assert probs.dtype == np.float32
    assert (probs >= 0).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-5)


def test_a_loaded_checkpoint_predicts_the_same(checkpoint, tmp_path):
    checkpoint.save(str(tmp_path / "m"))
    again = Checkpoint.load(str(tmp_path / "m"))

    assert again.labels == checkpoint.labels
    np.testing.assert_array_equal(
        again.predict(TEXTS).probs, checkpoint.predict(TEXTS).probs
    )


def test_predictions_do_not_depend_on_the_other_texts_or_their_order(checkpoint):
    together = checkpoint.predict(TEXTS).probs
    alone = np.concatenate([checkpoint.predict([text]).probs for text in TEXTS])
    backwards = checkpoint.predict(TEXTS[::-1]).probs[::-1]

    np.testing.assert_allclose(alone, together, atol=1e-6)
    np.testing.assert_allclose(backwards, together, atol=1e-6)


@pytest.mark.parametrize("arch", NETWORKS, indirect=True)
def test_long_texts_are_truncated_at_the_end(checkpoint):
    long = " ".join(WORDS * 10_000)
    start = " ".join(long.split(" ")[:128])

    np.testing.assert_allclose(*checkpoint.predict([long, start]).probs, atol=1e-6)


@pytest.mark.parametrize("arch", NETWORKS, indirect=True)
def test_padding_changes_no_prediction(checkpoint):
    rows = checkpoint.learner.encode(TEXTS[:20])
    longest = rows.lengths.max()
    array = rows.pad(np.arange(20), longest + 100)
    model = checkpoint.learner.model

    np.testing.assert_allclose(
        model.predict_on_batch(array),
        model.predict_on_batch(array[:, :longest]),
        atol=1e-6,
    )


def test_cached_texts_change_no_prediction(arch):
    epochs = 1 if architectures.family_of(arch) == "token" else None
    start = Training(
        ModelSettings(arch=arch, params={"min_count": 1, "max_share": 1.0}),
        TrainingSettings(epochs=epochs),
    )
    start.add(Block(b"".join(encode(as_record(r)) + b"\n" for r in make_records())))
    uncached, cached = (start.run() for _ in range(2))
    known = [*TEXTS, *TEXTS[:3], "دو بار دو بار"]
    cached.cache_texts(known)

    for texts in (known, known[::-1], known[3:4], [*known, "هرگز خوب"], []):
        np.testing.assert_array_equal(
            cached.predict(texts).probs, uncached.predict(texts).probs
        )


def test_cached_texts_do_not_change_models_fitted_from_it(arch):
    records = [as_record(row) for row in make_records()]
    options = {"epochs": 1} if architectures.family_of(arch) == "token" else {}
    plain, cached = (
        train(
            arch=arch,
            corpus=records,
            classes=["negative", "neutral", "positive"],
            params={"min_count": 1, "max_share": 1.0},
            epochs=0,
        )
        for _ in range(2)
    )
    cached.cache_texts([record["tokens"] for record in records] + TEXTS)
    answers = [
        train(records[:60], init=init, **options).predict(TEXTS).probs
        for init in (plain, cached)
    ]

    np.testing.assert_array_equal(*answers)


def test_the_same_seed_gives_the_same_model(again, checkpoint):
    again, _, _ = again

    np.testing.assert_array_equal(
        again.predict(TEXTS).probs, checkpoint.predict(TEXTS).probs
    )
    assert again.training["key"] == checkpoint.training["key"]


def test_accuracy_is_above_chance(checkpoint):
    records = make_records(90, seed=2)
    probs = checkpoint.predict([text for _, text, _ in records]).probs
    hits = [
        checkpoint.labels[best] == label
        for best, (_, _, label) in zip(probs.argmax(axis=1), records, strict=True)
    ]

    assert np.mean(hits) > 0.5  # chance is a third


@pytest.mark.parametrize("arch", NETWORKS, indirect=True)
def test_vectors_depend_on_the_text_alone_and_determine_the_probabilities(checkpoint):
    found = checkpoint.predict(TEXTS, {"vectors"})
    alone = [checkpoint.predict([text], {"vectors"}).vectors[0] for text in TEXTS]
    last = checkpoint.learner.model.get_layer("probs")
    kernel, bias = last.get_weights()
    powers = np.exp(found.vectors @ kernel + bias)

    assert checkpoint.predict(TEXTS).vectors is None
    assert checkpoint.predict([], {"vectors"}).vectors.shape == (0, len(kernel))
    np.testing.assert_allclose(found.vectors, alone, atol=1e-6)
    np.testing.assert_allclose(
        found.probs, powers / powers.sum(axis=1, keepdims=True), atol=1e-5
    )


@pytest.mark.parametrize("arch", NETWORKS, indirect=True)
def test_dropout_passes_depend_on_seed_and_text_alone(checkpoint):
    def passes_of(texts, **options):
        return checkpoint.predict(texts, {"member_probs"}, **options).member_probs

    before = checkpoint.predict(TEXTS, {"vectors"}).probs
    three, default = passes_of(TEXTS, passes=3, seed=5), passes_of(TEXTS[:2])
    alone = [passes_of([text], passes=3, seed=5) for text in TEXTS[-6:]]

    assert three.shape == (3, len(TEXTS), 3)
    assert default.shape == (20, 2, 3)
    np.testing.assert_allclose(three.sum(axis=2), 1, atol=1e-5)
    np.testing.assert_array_equal(passes_of(TEXTS, passes=3, seed=5), three)
    np.testing.assert_allclose(np.concatenate(alone, 1), three[:, -6:], atol=1e-6)
    np.testing.assert_allclose(
        passes_of(TEXTS[::-1], passes=3, seed=5)[:, ::-1], three, atol=1e-6
    )
    np.testing.assert_allclose(passes_of(TEXTS, passes=4, seed=5)[:3], three, atol=1e-6)
    assert np.ptp(three, axis=0).max() > 1e-4
    assert np.abs(passes_of(TEXTS, passes=3, seed=6) - three).max() > 1e-4
    np.testing.assert_array_equal(
        checkpoint.predict(TEXTS, {"member_probs"}).probs, before
    )


def test_word_gradients_need_a_layer_named_embedding():
    from alcli.models.backend import keras
    from alcli.models.families.token_learner import TokenLearner
    from alcli.models.networks.layers import (
        pool_words,
        softmax_head,
        word_ids_input,
        word_mask,
    )

    ids = word_ids_input()
    document = pool_words(
        keras.layers.Embedding(3, 4, name="table")(ids), word_mask(ids), "max"
    )
    network = keras.Model(ids, softmax_head(document, 2, dropout=0.5, seed=0))
    params = {"length": 9, "truncate": "end"}
    learner = TokenLearner.of("mine", ["x", "y"], params, ["a", "b"], network)

    assert learner.predict(["a b"], {"member_probs"}).member_probs.shape == (20, 1, 2)
    with pytest.raises(UsageError, match="a token model has no word gradient norms"):
        learner.predict(["a b"], {"word_gradient_norms"})


@pytest.mark.parametrize("arch", NETWORKS, indirect=True)
def test_a_loaded_network_has_the_same_member_probs_and_word_gradients(
    checkpoint, tmp_path
):
    checkpoint.save(str(tmp_path / "m"))
    before, after = (
        model.predict(TEXTS, {"member_probs", "word_gradient_norms"}, passes=3)
        for model in (checkpoint, Checkpoint.load(str(tmp_path / "m")))
    )

    assert after.member_probs.shape == (3, len(TEXTS), 3)
    np.testing.assert_allclose(after.member_probs, before.member_probs, atol=1e-6)
    np.testing.assert_allclose(
        after.word_gradient_norms, before.word_gradient_norms, atol=1e-6
    )


@pytest.mark.parametrize("arch", NETWORKS, indirect=True)
def test_word_gradients_depend_on_the_text_alone(checkpoint):
    def norms_of(texts):
        return checkpoint.predict(texts, {"word_gradient_norms"}).word_gradient_norms

    norms = norms_of(TEXTS)
    lengths = checkpoint.learner.encode(TEXTS).lengths

    assert norms.shape == (len(TEXTS), lengths.max())
    assert ((norms > 0).sum(axis=1) <= lengths).all()
    assert (norms[lengths > 0].max(axis=1) > 0).all()
    for text, row in list(zip(TEXTS, norms, strict=True))[-8:]:
        [alone] = norms_of([text])
        np.testing.assert_allclose(alone, row[: len(alone)], atol=1e-6)


@pytest.mark.parametrize("arch", NETWORKS, indirect=True)
def test_temperature_applies_to_dropout_passes(checkpoint):
    cooler = replace(checkpoint, temperature=3.0)
    hot = checkpoint.predict(TEXTS, {"member_probs"}, passes=2).member_probs
    cool = cooler.predict(TEXTS, {"member_probs"}, passes=2).member_probs
    powers = hot ** (1 / 3)

    np.testing.assert_allclose(
        cool, powers / powers.sum(axis=2, keepdims=True), atol=1e-6
    )


def test_fields_that_a_family_lacks_are_rejected(checkpoint):
    linear = architectures.family_of(checkpoint.learner.arch) == "linear"
    with pytest.raises(UsageError, match=r"model has no gradient$"):
        checkpoint.predict(TEXTS, {"gradient"})
    if linear:
        with pytest.raises(UsageError, match=r"one prediction; pass several -m"):
            checkpoint.predict(TEXTS, {"member_probs"})


@pytest.mark.parametrize("arch", ["cnn", "lstm"])
def test_a_network_without_dropout_has_no_member_probs(arch):
    rates = {"dropout": 0.0} | ({"recurrent_dropout": 0.0} if arch == "lstm" else {})
    with pytest.raises(UsageError, match=r"one prediction; pass several -m"):
        trained(arch, **rates).predict(TEXTS, {"member_probs"})


def test_a_committee_returns_the_probabilities_of_each_member(checkpoint, fewer_words):
    committee = join([checkpoint, fewer_words])
    found = committee.predict(TEXTS, {"member_probs"})

    assert found.member_probs.shape == (2, len(TEXTS), 3)
    np.testing.assert_array_equal(
        found.member_probs[0], checkpoint.predict(TEXTS).probs
    )
    np.testing.assert_allclose(found.member_probs.mean(axis=0), found.probs, atol=1e-6)
    assert found.vectors is None


def test_squared_distances_of_a_committee_are_the_mean_of_its_members(
    checkpoint, fewer_words
):
    members = [checkpoint, fewer_words]
    found = join(members).predict(TEXTS, {"vectors"}).vectors
    each = [member.predict(TEXTS, {"vectors"}).vectors for member in members]

    def squares(x):
        return np.square(x[:, None] - x).sum(axis=2)

    assert found.dtype == np.float32
    expected = np.mean([squares(x) for x in each], axis=0)
    np.testing.assert_allclose(squares(found), expected, rtol=1e-3, atol=1e-5)


def test_adding_a_class_keeps_the_trained_weights(checkpoint):
    records = [{"id": "new", "tokens": TEXTS[0], "label": "mixed"}]
    init = train(init=checkpoint, classes=["mixed"], grow_classes=True, epochs=0)
    grown = train(
        [*map(as_record, make_records()), *records], init=init, grow_classes=True
    )
    old, new = checkpoint.predict(TEXTS).probs, init.predict(TEXTS).probs

    assert init.labels == grown.labels == ["negative", "neutral", "positive", "mixed"]
    np.testing.assert_allclose(  # the share of each old class among the old ones
        new[:, :3] / new[:, :3].sum(axis=1, keepdims=True), old, atol=1e-4
    )
    assert (new[:, 3] > 0).all()


@pytest.mark.parametrize("arch", NETWORKS, indirect=True)
def test_another_seed_gives_another_network(arch, checkpoint):
    other = trained(arch, seed=1)

    assert (
        np.abs(other.predict(TEXTS).probs - checkpoint.predict(TEXTS).probs).max() > 0
    )


def test_global_random_state_is_unchanged(again):
    _, before, after = again

    assert before[1] == after[1]
    assert (before[0] == after[0]).all()


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
@pytest.mark.parametrize("arch", ["lstm", "bilstm", "gru"])
def test_every_pooling_ignores_padding_and_other_texts(arch, pooling, tmp_path):
    model = trained(arch, pooling=pooling, units=8, activation="relu", l2=0.01)
    together = model.predict(TEXTS, {"vectors"})
    alone = [model.predict([text], {"vectors"}).vectors[0] for text in TEXTS]
    model.save(str(tmp_path / "m"))

    np.testing.assert_allclose(alone, together.vectors, atol=1e-6)
    np.testing.assert_array_equal(
        Checkpoint.load(str(tmp_path / "m")).predict(TEXTS).probs, together.probs
    )
    if pooling != "last":
        empty = model.predict([""], {"vectors"}).vectors
        np.testing.assert_array_equal(empty, np.zeros_like(empty))


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("width", [1, 3, 10])
def test_cnn_ignores_padding_at_any_width_and_stride(width, stride, tmp_path):
    model = trained("cnn", width=width, stride=stride)
    rows = model.learner.encode(TEXTS[:10])
    array = rows.pad(np.arange(10), 160)
    network = model.learner.model
    longest = rows.lengths.max()

    np.testing.assert_allclose(
        network.predict_on_batch(array),
        network.predict_on_batch(array[:, :longest]),
        atol=1e-6,
    )
    model.save(str(tmp_path / "m"))
    np.testing.assert_array_equal(
        Checkpoint.load(str(tmp_path / "m")).predict(TEXTS).probs,
        model.predict(TEXTS).probs,
    )
