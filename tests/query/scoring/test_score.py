"""Probabilities as `score` writes them."""

import numpy as np
import pytest

import alcli
from alcli.core.errors import CheckpointError
from alcli.models.checkpoint import join
from tests.models.reviews import make_records, write


@pytest.fixture(scope="module")
def model():
    return alcli.train(make_records(), arch="logreg")


def test_probabilities_are_written_in_class_order_as_short_float32(model):
    record = next(alcli.score(make_records(1), model))

    assert list(record["probs"]) == ["negative", "positive"]
    assert sum(record["probs"].values()) == pytest.approx(1, abs=1e-6)
    for value in record["probs"].values():
        assert float(np.float32(value)) == pytest.approx(value, rel=1e-7)
        assert (
            len(repr(np.float32(value)).split("(")[-1].rstrip(")"))
            >= len(str(value)) - 4
        )


def test_class_names_with_percent_signs_quotes_and_letters_of_any_script():
    records = make_records(classes=('50%"\\', "خوب"))
    for record in records:
        record["tokens"] = record["tokens"] + (
            " الف" if record["label"] == "خوب" else ""
        )
    model = alcli.train(records, arch="logreg")
    scored = next(alcli.score(records[:1], model))

    assert set(scored["probs"]) == {'50%"\\', "خوب"}


def test_a_committee_is_the_mean_of_its_members(model):
    other = alcli.train(make_records(30, seed=9), arch="logreg")
    records = make_records(10, seed=3)
    both = [list(alcli.score(records, m)) for m in (model, other)]
    mean = list(alcli.score(records, model, other))
    untrained = alcli.train(init=model, epochs=0)

    assert join([model, untrained]).training["kept_epoch"] == 1
    assert join([untrained, untrained]).training["kept_epoch"] == 0
    for a, b, c in zip(*both, mean, strict=True):
        expected = (a["probs"]["positive"] + b["probs"]["positive"]) / 2
        assert c["probs"]["positive"] == pytest.approx(expected, abs=1e-6)


def test_members_of_other_classes_are_rejected(model):
    other = alcli.train(make_records(classes=("positive", "bad")), arch="logreg")

    with pytest.raises(CheckpointError, match="the same classes, in the same order"):
        list(alcli.score(make_records(1), model, other))


@pytest.mark.parametrize("block", ["1", "7", "1000"])
def test_the_block_size_does_not_change_the_output(tmp_path, alcli, block):
    write(tmp_path / "in", make_records(40))
    alcli("train", "in", "-o", "m", cwd=tmp_path, check=True)
    whole = alcli("score", "in", "-m", "m", cwd=tmp_path, check=True).stdout
    done = alcli("score", "in", "-m", "m", "--block", block, cwd=tmp_path, check=True)

    assert done.stdout == whole


def test_saved_topics_are_rejected_as_a_model(tmp_path, alcli):
    write(tmp_path / "in", make_records())
    alcli(
        "topics",
        "in",
        "--save",
        "t",
        "--set",
        "max_share=1.0",
        cwd=tmp_path,
        check=True,
    )
    done = alcli("score", "in", "-m", "t", cwd=tmp_path)

    assert done.returncode == 4
    assert b"is a topics, not a model" in done.stderr
