"""Training: from labelled records to a checkpoint."""

import json
import os
import zipfile

import numpy as np
import pytest

import alcli
from alcli.core.errors import InputError, UsageError
from alcli.models.checkpoint import Checkpoint
from tests.models.reviews import make_records, write


def card(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("checkpoint.json"))


@pytest.fixture(scope="module")
def model():
    return alcli.train(make_records(), arch="logreg")


def test_a_model_learns_separable_classes(model):
    scored = list(alcli.score(make_records(60, seed=1), model))

    assert all(record["pred"] == record["label"] for record in scored)


def test_unlabelled_records_are_skipped(tmp_path, alcli):
    records = [*make_records(), {"id": "x", "tokens": "بی برچسب"}]
    write(tmp_path / "in", records)
    alcli("train", "in", "-o", "m", cwd=tmp_path, check=True)

    assert card(tmp_path / "m")["training"]["records"] == 80


def test_the_card_has_arguments_classes_and_hashes(tmp_path, alcli):
    write(tmp_path / "in", make_records())
    alcli(
        "train",
        "in",
        "-o",
        "m",
        "--set",
        "c=1",
        "--seed",
        "3",
        cwd=tmp_path,
        check=True,
    )
    found = card(tmp_path / "m")

    assert found["family"] == "linear"
    assert found["arch"] == "logreg"
    assert found["params"]["c"] == 1.0
    assert found["labels"] == ["negative", "positive"]
    assert found["training"]["arguments"]["seed"] == 3
    assert found["training"]["classes"] == {"negative": 40, "positive": 40}
    assert len(found["training"]["inputs"][0]["sha256"]) == 64
    assert set(found["sha256"]) == {"model.npz", "vocabulary.txt", "characters.txt"}


def test_the_key_depends_on_order_and_parameters(model):
    records = make_records()
    same = alcli.train(records, arch="logreg")
    other_order = alcli.train(records[::-1], arch="logreg")
    other_params = alcli.train(records, arch="logreg", params={"c": 1.0})

    assert same.training["key"] == model.training["key"]
    keys = {m.training["key"] for m in (model, other_order, other_params)}
    assert len(keys) == 3


def test_the_corpus_gives_the_vocabulary():
    pool = [*make_records(200, seed=5), {"id": "p", "tokens": "فقط فقط اینجا"}]
    pool.append({"id": "q", "tokens": "فقط اینجا"})
    model = alcli.train(make_records(20), arch="logreg", corpus=pool)

    assert "فقط" in model.learner.tfidf.terms.words


def test_an_untrained_model_finds_all_classes_equally_probable(tmp_path, alcli):
    write(tmp_path / "pool", make_records())
    args = ["--epochs", "0", "--vocabulary-from", "pool", "-o", "init"]
    classes = ["--class", "a", "--class", "b", "--class", "c"]
    alcli("train", *args, *classes, "--arch", "logreg", cwd=tmp_path, check=True)
    done = alcli("score", "pool", "-m", "init", cwd=tmp_path, check=True)
    probs = json.loads(done.stdout.splitlines()[0])["probs"]

    assert list(probs) == ["a", "b", "c"]
    np.testing.assert_allclose(list(probs.values()), 1 / 3, atol=1e-6)


def test_a_class_without_records_has_a_small_probability():
    start = alcli.train(
        arch="logreg",
        corpus=make_records(),
        classes=["negative", "neutral", "positive"],
        epochs=0,
    )
    model = alcli.train(make_records(), init=start)
    probs = model.predict(["غذا عالی"]).probs

    assert model.labels == ["negative", "neutral", "positive"]
    assert probs[0, 1] == pytest.approx(0.5 / (80 + 1.5))
    assert probs.sum() == pytest.approx(1)


def test_a_label_that_init_lacks_is_rejected():
    start = alcli.train(
        arch="logreg", corpus=make_records(), classes=["a", "b"], epochs=0
    )

    with pytest.raises(InputError, match='<records>:1: label "negative"'):
        alcli.train(make_records(), init=start)


@pytest.mark.parametrize(
    "extra", [["--arch", "cnn"], ["--set", "c=1"], ["--vocabulary-from", "in"]]
)
def test_options_that_contradict_init_are_rejected(tmp_path, alcli, extra):
    write(tmp_path / "in", make_records())
    alcli("train", "in", "-o", "m", cwd=tmp_path, check=True)
    done = alcli("train", "in", "--init", "m", "-o", "n", *extra, cwd=tmp_path)

    assert done.returncode == 2
    assert b"--init fixes" in done.stderr
    assert not (tmp_path / "n").exists()


def test_options_that_a_family_cannot_use_are_rejected():
    with pytest.raises(UsageError, match="not trained in epochs"):
        alcli.train(make_records(), arch="logreg", patience=3)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([], "two classes are needed"),
        ([{"id": 1, "tokens": "a a", "label": "x"}] * 3, "two classes are needed"),
        ([{"id": 1, "tokens": "a", "label": ["x"]}], ":1: "),
        ([{"id": 1, "label": "x"}], 'no "tokens"'),
        (
            [
                {"id": 1, "tokens": "a", "label": "x"},
                {"id": 2, "tokens": "b", "label": "y"},
            ],
            "no n-gram is in 2",
        ),
    ],
)
def test_untrainable_inputs_are_errors(records, said):
    with pytest.raises(InputError, match=said):
        alcli.train(records, arch="logreg")


def test_labels_of_one_class_keep_the_init_model(tmp_path, alcli):
    write(tmp_path / "test", make_records(40))
    write(tmp_path / "labelled", make_records(7, seed=1, classes=("positive",)))
    args = ["--epochs", "0", "--vocabulary-from", "test", "-o", "init"]
    classes = ["--class", "negative", "--class", "positive"]
    alcli("train", *args, *classes, cwd=tmp_path, check=True)
    args = ["train", "labelled", "--init", "init", "-o", "m"]
    done = alcli(*args, cwd=tmp_path, check=True)
    said = "the 7 labelled records have: positive; the --init model is kept"
    assert said in done.stderr.decode()
    scored = [
        alcli("score", "test", "-m", model, cwd=tmp_path, check=True).stdout
        for model in ("init", "m")
    ]
    done = alcli("evaluate", "test", "-m", "m", cwd=tmp_path, check=True)

    assert scored[0] == scored[1]
    assert json.loads(done.stdout)["labels"] == 7


def test_a_model_trained_on_one_class_equals_its_init(tmp_path):
    args = {"params": {"min_count": 1}, "validation": 0.5, "calibrate": "temperature"}
    start = alcli.train(make_records(300), **args)
    again = alcli.train(init=start, epochs=0)
    same = alcli.train(make_records(9, classes=("positive",)), init=start)
    grown = alcli.train(
        make_records(9, classes=("odd",)), init=start, grow_classes=True
    )

    assert start.temperature == again.temperature == same.temperature != 1
    assert same.training["kept_epoch"] == 0
    fewer = alcli.train(make_records(8, classes=("positive",)), init=start)
    models = (start, same, fewer)  # equal, but of trainings of their own
    assert len({model.training["key"] for model in models}) == 3
    assert grown.labels == ["negative", "positive", "odd"]


def test_the_card_has_the_number_of_threads(tmp_path, alcli):
    write(tmp_path / "train", make_records(40))
    args = ["train", "train", "--set", "min_count=1", "--threads", "1", "-o", "m"]
    alcli(*args, cwd=tmp_path, check=True)

    assert Checkpoint.load(str(tmp_path / "m")).training["threads"] == 1


@pytest.mark.slow
def test_keras_writes_nothing_to_the_home_folder(tmp_path, alcli):
    write(tmp_path / "in", make_records())
    home = tmp_path / "home"
    home.mkdir()
    (home / ".keras").mkdir()
    (home / ".keras" / "keras.json").write_text('{"floatx": "float16"}')
    args = ["train", "in", "--arch", "cnn", "--epochs", "1", "--set", "min_count=1"]
    args += ["--set", "max_share=1.0", "-o", "m"]
    done = alcli(*args, cwd=tmp_path, env={"HOME": str(home)}, check=True)

    assert sorted(p.name for p in home.rglob("*")) == [".keras", "keras.json"]
    assert os.path.getsize(home / ".keras" / "keras.json") == 21
    assert (
        done.stderr.decode().count("\n") == 2
    )  # two lines for people, none of TensorFlow's
    with zipfile.ZipFile(tmp_path / "m") as archive:
        assert "model.keras" in archive.namelist()


@pytest.mark.slow
def test_the_history_has_a_record_for_each_epoch(tmp_path, alcli):
    write(tmp_path / "train", make_records(60))
    args = ["--arch", "cnn", "--epochs", "3", "--validation", "0.3", "-o", "m"]
    alcli("train", "train", "--set", "min_count=1", *args, cwd=tmp_path, check=True)
    said = alcli("info", "m", "--history", cwd=tmp_path, check=True).stdout
    records = [json.loads(line) for line in said.splitlines()]

    assert [record["epoch"] for record in records] == [1, 2, 3]
    assert all({"loss", "validation_loss"} <= record.keys() for record in records)
