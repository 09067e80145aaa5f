"""Held-out records: split, class weights, early stopping, calibration."""

import numpy as np
import pytest

import alcli
from alcli.core.ids import seeded_uniform
from alcli.models.checkpoint import Checkpoint, join
from alcli.numerics.calibration import apply_temperature
from tests.models.reviews import make_records, write


def test_added_records_do_not_change_the_validation_split(tmp_path):
    few, many = make_records(60), make_records(60) + make_records(200, seed=7)
    held = {
        n: {r["id"] for r in records if seeded_uniform(0x686F6C64, [r["id"]])[0] < 0.3}
        for n, records in (("few", few), ("many", many))
    }
    model = alcli.train(few, arch="logreg", validation=0.3)

    assert held["few"] <= held["many"]
    assert model.training["validation_records"] == len(held["few"])
    assert model.training["records"] == 60  # validation labels are labels too


@pytest.mark.parametrize(("n", "held"), [(521, 105), (100, 20), (7, 2)])
def test_the_tail_has_as_many_records_as_in_keras(n, held):
    args = {"params": {"min_count": 1}, "validation": "tail=0.2"}
    model = alcli.train(make_records(n), arch="logreg", **args)

    assert model.training["validation_records"] == held == n - int(n * (1 - 0.2))


def test_tail_validation_takes_the_last_records():
    records = make_records(50)
    model = alcli.train(records, arch="logreg", validation="tail=0.2")

    assert model.training["validation_records"] == 10


def test_balanced_class_weights_raise_the_probability_of_a_rare_class():
    records = make_records(80)
    rare = [r for r in records if r["label"] == "negative"][:4]
    records = [r for r in records if r["label"] == "positive"] + rare
    plain = alcli.train(records, arch="logreg")
    balanced = alcli.train(records, arch="logreg", class_weight="balanced")

    assert balanced.predict(["غذا"]).probs[0, 0] > plain.predict(["غذا"]).probs[0, 0]


@pytest.mark.slow
def test_patience_keeps_the_best_epoch_unless_few_records_are_held_out(caplog):
    caplog.set_level("INFO", "alcli")
    params = {"min_count": 1, "max_share": 1.0, "dim": 8, "filters": 4, "width": 2}
    many = make_records(400)
    for record in many[::9]:
        record["label"] = "positive"  # noise to overfit
    fitting = {"epochs": 40, "patience": 2, "learning_rate": 0.05}
    model = alcli.train(many, arch="cnn", params=params, validation=0.3, **fitting)
    losses = [epoch["validation_loss"] for epoch in model.training["history"]]

    assert len(losses) < 40
    assert len(losses) - 1 - int(np.argmin(losses)) == 2
    assert f"kept epoch {int(np.argmin(losses)) + 1}" in caplog.text
    few = alcli.train(make_records(60), arch="cnn", params=params, validation=0.3,
                      epochs=3, patience=1)  # fmt: skip
    assert "no early stopping" in caplog.text
    assert len(few.training["history"]) == 3


def test_calibration_divides_the_logits_by_the_temperature(tmp_path, alcli):
    records = make_records(600)
    for number, record in enumerate(records):
        if number % 10 < 3:  # noise that a model may not be sure about
            record["label"] = "positive" if number % 2 else "negative"
    write(tmp_path / "train", records)
    args = ["train", "train", "--set", "min_count=1", "--validation", "0.3"]
    models = {}
    for calibrate in ("none", "temperature"):
        alcli(
            *args, "--calibrate", calibrate, "-o", calibrate, cwd=tmp_path, check=True
        )
        models[calibrate] = Checkpoint.load(str(tmp_path / calibrate))
    plain, better = models["none"], models["temperature"]
    texts = [record["tokens"] for record in make_records(50, seed=3)]
    before, after = plain.predict(texts).probs, better.predict(texts).probs

    assert plain.temperature == 1 != better.temperature
    assert (before.argmax(axis=1) == after.argmax(axis=1)).all()
    np.testing.assert_allclose(
        after, apply_temperature(before, better.temperature), atol=1e-6
    )
    assert join([better, better]).predict(texts).probs == pytest.approx(after, abs=1e-6)
    assert plain.training["key"] != better.training["key"]


def test_few_held_out_records_give_no_temperature(caplog):
    args = {"params": {"min_count": 1}, "validation": 0.1, "calibrate": "temperature"}
    model = alcli.train(make_records(80), **args)

    assert model.temperature == 1
    assert "no calibration" in caplog.text


def test_a_temperature_at_its_bound_gives_a_warning_and_keeps_the_order(caplog):
    records = make_records(300)
    args = {"params": {"min_count": 1}, "validation": 0.3}
    plain = alcli.train(records, **args)
    assert "temperature" not in caplog.text
    model = alcli.train(records, **args, calibrate="temperature")

    assert model.temperature == pytest.approx(0.05, rel=0.01)
    assert "temperature 0.050 is at the bound of its range, 0.05 to 20: " in caplog.text
    texts = sorted({record["tokens"] for record in records})
    before, after = (one.predict(texts).probs for one in (plain, model))
    margins = [np.abs(np.diff(p.astype(float)))[:, 0] for p in (before, after)]
    order = np.argsort(margins[0])
    apart = np.diff(margins[0][order]) > 1e-5
    assert after.max() < 1
    assert (np.diff(margins[1][order])[apart] > 0).all()
