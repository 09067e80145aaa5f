"""Classes of few or no records: counts, warnings and probabilities."""

import json

import numpy as np
import pytest

import alcli
from alcli.core.errors import InputError
from alcli.models.checkpoint import Checkpoint
from tests.models.reviews import make_records, write

RARE = [
    {"id": f"rare-{i}", "tokens": "گران گران قیمت", "label": "کم‌یاب ۱"}
    for i in range(2)
]


@pytest.fixture(scope="module")
def model():
    return alcli.train(make_records(), arch="logreg")


def test_records_of_a_class_that_the_model_lacks_count_as_wrong(model):
    known = make_records(20, seed=1)
    plain = alcli.evaluate(known, model)["metrics"]
    record = alcli.evaluate([RARE[0], *known, RARE[1]], model)
    metrics = record["metrics"]

    assert record["confusion"]["labels"] == ["negative", "positive", "کم‌یاب ۱"]
    *rows, rare = record["confusion"]["matrix"]
    assert sum(rare) == 2
    assert [row[2] for row in (*rows, rare)] == [0, 0, 0]
    assert metrics["accuracy"] == pytest.approx(plain["accuracy"] * 20 / 22, abs=1e-9)
    assert metrics["recall:کم‌یاب ۱"] == metrics["f1:کم‌یاب ۱"] == 0
    f1 = [metrics[f"f1:{label}"] for label in record["confusion"]["labels"]]
    assert metrics["macro_f1"] == pytest.approx(np.mean(f1), abs=1e-9)
    loss = (20 * plain["log_loss"] + 2 * -np.log(1e-15)) / 22
    assert metrics["log_loss"] == pytest.approx(loss)
    assert 0 < metrics["ece"] < 1
    assert plain["brier"] < metrics["brier"] < 2
    assert metrics["roc_auc"] == pytest.approx(
        (0.5 + 2 * _auc(record, known, model)) / 3, abs=0.01
    )


def _auc(record, known, model):
    """Return the area of the first class against all others."""
    probs = model.predict([r["tokens"] for r in (*known, *RARE)]).probs
    of = np.array([r["label"] for r in (*known, *RARE)])
    areas = []
    for number, label in enumerate(record["confusion"]["labels"][:2]):
        yes, no = probs[of == label, number], probs[of != label, number]
        wins = (yes[:, None] > no).mean() + (yes[:, None] == no).mean() / 2
        areas.append(wins)
    return np.mean(areas)


def test_the_order_of_records_changes_no_metric(model):
    records = [*RARE, *make_records(10, seed=1), {**RARE[0], "label": "a stranger"}]
    one = alcli.evaluate(records, model)
    other = alcli.evaluate(records[::-1], model)

    assert one["confusion"] == other["confusion"]
    assert one["confusion"]["labels"][2:] == ["a stranger", "کم‌یاب ۱"]


@pytest.mark.parametrize("with_probs", [True, False])
def test_a_warning_names_the_rare_class_and_the_remedy(
    tmp_path, alcli, model, with_probs
):
    model.save(tmp_path / "model")
    records = [*make_records(20, seed=1), *RARE]
    if with_probs:
        records = [r | {"probs": {"negative": 0.4, "positive": 0.6}} for r in records]
    write(tmp_path / "test", records)
    more = () if with_probs else ("-m", "model")
    done = alcli("evaluate", "test", *more, cwd=tmp_path, check=True)

    assert json.loads(done.stdout)["metrics"]["recall:کم‌یاب ۱"] == 0
    said = done.stderr.decode()
    assert (
        'label "کم‌یاب ۱" is unknown to the model, records counted as wrong: 2' in said
    )
    assert "--class NAME" in said
    assert "--grow-classes" in said


@pytest.mark.parametrize("arch", ["logreg", "cnn"])
def test_a_class_without_records_has_a_probability_like_any_other(arch):
    rows = make_records(40)
    classes = ["negative", "positive", "کم‌یاب ۱"]
    how = {"epochs": 1} if arch == "cnn" else {}
    model = alcli.train(
        rows, arch=arch, classes=classes, class_weight="balanced", **how
    )
    probs = model.predict([row["tokens"] for row in rows]).probs
    [row] = alcli.select(alcli.score(rows, model), 1, strategy="entropy")

    assert np.isfinite(probs).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-6)
    assert (probs[:, 2] > 1e-3).all()
    assert 0 < row["query"]["utility"] <= np.log(3)


def test_a_checkpoint_without_a_floor_is_loaded(tmp_path, model):
    found = model.learner.arrays
    del found["floor"]
    model.save(tmp_path / "old")
    found["floor"] = np.zeros(2, np.float32)
    texts = [row["tokens"] for row in make_records(5)]
    old = Checkpoint.load(str(tmp_path / "old"))

    assert (old.predict(texts).probs == model.predict(texts).probs).all()


def test_training_names_classes_of_few_records(caplog):
    rows = [*make_records(20), *RARE]
    alcli.train(rows, classes=["negative", "positive", "کم‌یاب ۱", "نو"])

    [said] = [text for text in caplog.messages if "fewer than 5" in text]
    assert said.endswith("poorly learnt: کم‌یاب ۱ 2, نو 0")


def test_five_records_of_each_class_give_no_warning(caplog):
    alcli.train(make_records(10))

    assert "fewer than" not in caplog.text


@pytest.mark.parametrize("classes", [(), ("negative", "کم‌یاب ۱")])
def test_the_error_for_a_single_class_names_it_and_the_remedy(classes):
    rows = [row for row in make_records(10) if row["label"] == "negative"]

    with pytest.raises(InputError, match=r": negative; label records of another.*init"):
        alcli.train(rows, classes=classes)


def test_a_model_that_predicts_one_class_gives_a_warning(caplog):
    many = [{"id": n, "tokens": f"w{n % 5} good", "label": "good"} for n in range(60)]
    few = [{"id": f"b{n}", "tokens": f"w{n} good", "label": "bad"} for n in range(2)]
    model = alcli.train([*many, *few], arch="logreg", class_weight="none")
    alcli.evaluate([*many, *few], model)
    words = [r.getMessage() for r in caplog.records if "for every record" in r.message]
    assert len(words) == 1
    assert words[0].startswith('the model predicts "good" for every record')
    assert "--class-weight balanced" in words[0]

    caplog.clear()
    alcli.evaluate(many, model)  # no other class to predict
    assert "for every record" not in caplog.text
