"""From labelled records to a checkpoint, to probabilities, to a curve."""

import json
import os
import re
import signal
import subprocess
import sys
import termios
import zipfile

import numpy as np
import pytest

import alcli
from alcli.core.errors import CheckpointError, InputError, UsageError
from alcli.core.ids import seeded_uniform
from alcli.models.checkpoint import Checkpoint, join
from alcli.numerics.calibration import apply_temperature

GOOD, BAD = ["عالی", "خوب", "راضی"], ["بد", "افتضاح", "خراب"]


def make_records(n=80, seed=0, classes=("negative", "positive")):
    rng = np.random.default_rng(seed)
    records = []
    for i in range(n):
        label = classes[i % len(classes)]
        words = rng.choice(GOOD if label == "positive" else BAD, 3).tolist()
        words += rng.choice(["غذا", "کیفیت", "ارسال", "قیمت"], 3).tolist()
        records.append(
            {"id": f"r{seed}-{i}", "tokens": " ".join(words), "label": label}
        )
    return records


def write(path, records):
    text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
    path.write_text(text, "utf-8")
    return path


def card(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("checkpoint.json"))


@pytest.fixture(scope="module")
def model():
    return alcli.train(make_records(), arch="logreg")


def test_a_model_learns_separable_classes(model):
    scored = list(alcli.score(make_records(60, seed=1), model))

    assert all(record["pred"] == record["label"] for record in scored)


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


def test_records_without_a_label_are_passed_over(tmp_path, alcli):
    records = [*make_records(), {"id": "x", "tokens": "بی برچسب"}]
    write(tmp_path / "in", records)
    alcli("train", "in", "-o", "m", cwd=tmp_path, check=True)

    assert card(tmp_path / "m")["training"]["records"] == 80


def test_the_card_has_the_origin_of_the_model(tmp_path, alcli):
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


def test_the_key_tells_trainings_apart(model):
    records = make_records()
    same = alcli.train(records, arch="logreg")
    other_order = alcli.train(records[::-1], arch="logreg")
    other_params = alcli.train(records, arch="logreg", params={"c": 1.0})

    assert same.training["key"] == model.training["key"]
    keys = {m.training["key"] for m in (model, other_order, other_params)}
    assert len(keys) == 3


def test_vocabulary_and_idf_come_from_the_pool_when_named():
    pool = [*make_records(200, seed=5), {"id": "p", "tokens": "فقط فقط اینجا"}]
    pool.append({"id": "q", "tokens": "فقط اینجا"})
    model = alcli.train(make_records(20), arch="logreg", corpus=pool)

    assert "فقط" in model.learner.tfidf.terms.words


def test_an_untrained_start_finds_all_classes_equally_probable(tmp_path, alcli):
    write(tmp_path / "pool", make_records())
    args = ["--epochs", "0", "--vocabulary-from", "pool", "-o", "init"]
    classes = ["--class", "a", "--class", "b", "--class", "c"]
    alcli("train", *args, *classes, "--arch", "logreg", cwd=tmp_path, check=True)
    done = alcli("score", "pool", "-m", "init", cwd=tmp_path, check=True)
    probs = json.loads(done.stdout.splitlines()[0])["probs"]

    assert list(probs) == ["a", "b", "c"]
    np.testing.assert_allclose(list(probs.values()), 1 / 3, atol=1e-6)


def test_a_class_that_nobody_gave_yet_has_a_small_probability():
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


def test_a_label_that_the_start_does_not_know_is_refused():
    start = alcli.train(
        arch="logreg", corpus=make_records(), classes=["a", "b"], epochs=0
    )

    with pytest.raises(InputError, match='<records>:1: label "negative"'):
        alcli.train(make_records(), init=start)


@pytest.mark.parametrize(
    "extra", [["--arch", "cnn"], ["--set", "c=1"], ["--vocabulary-from", "in"]]
)
def test_init_cannot_be_contradicted(tmp_path, alcli, extra):
    write(tmp_path / "in", make_records())
    alcli("train", "in", "-o", "m", cwd=tmp_path, check=True)
    done = alcli("train", "in", "--init", "m", "-o", "n", *extra, cwd=tmp_path)

    assert done.returncode == 2
    assert b"--init fixes" in done.stderr
    assert not (tmp_path / "n").exists()


def test_options_that_a_family_cannot_use_are_refused():
    with pytest.raises(UsageError, match="not trained in epochs"):
        alcli.train(make_records(), arch="logreg", patience=3)


def test_added_records_do_not_move_the_validation_split(tmp_path):
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
def test_the_tail_is_cut_where_keras_cuts(n, held):
    args = {"params": {"min_count": 1}, "validation": "tail=0.2"}
    model = alcli.train(make_records(n), arch="logreg", **args)

    assert model.training["validation_records"] == held == n - int(n * (1 - 0.2))


def test_tail_validation_takes_the_last_records():
    records = make_records(50)
    model = alcli.train(records, arch="logreg", validation="tail=0.2")

    assert model.training["validation_records"] == 10


def test_balanced_class_weights_raise_the_rare_class():
    records = make_records(80)
    rare = [r for r in records if r["label"] == "negative"][:4]
    records = [r for r in records if r["label"] == "positive"] + rare
    plain = alcli.train(records, arch="logreg")
    balanced = alcli.train(records, arch="logreg", class_weight="balanced")

    assert balanced.predict(["غذا"]).probs[0, 0] > plain.predict(["غذا"]).probs[0, 0]


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


def test_members_of_other_classes_are_no_committee(model):
    other = alcli.train(make_records(classes=("positive", "bad")), arch="logreg")

    with pytest.raises(CheckpointError, match="the same classes, in the same order"):
        list(alcli.score(make_records(1), model, other))


@pytest.mark.parametrize("block", ["1", "7", "1000"])
def test_the_size_of_a_block_changes_nothing(tmp_path, alcli, block):
    write(tmp_path / "in", make_records(40))
    alcli("train", "in", "-o", "m", cwd=tmp_path, check=True)
    whole = alcli("score", "in", "-m", "m", cwd=tmp_path, check=True).stdout
    done = alcli("score", "in", "-m", "m", "--block", block, cwd=tmp_path, check=True)

    assert done.stdout == whole


def test_evaluate_appends_to_a_curve_and_the_key_is_stable(tmp_path, alcli):
    write(tmp_path / "in", make_records())
    write(tmp_path / "test", make_records(20, seed=1))
    alcli("train", "in", "-o", "m", cwd=tmp_path, check=True)
    args = ["evaluate", "test", "-m", "m", "--append", "curve", "--tag"]
    for tag in ("run=1", "run=1", "run=2"):
        done = alcli(*args, tag, cwd=tmp_path, check=True)
        assert done.stdout == b""
    rounds = [json.loads(x) for x in (tmp_path / "curve").read_text().splitlines()]

    assert [r["labels"] for r in rounds] == [80, 80, 80]
    assert [r["epochs"] for r in rounds] == [1, 1, 1]
    assert rounds[0]["key"] == rounds[1]["key"] != rounds[2]["key"]
    assert rounds[0]["metrics"]["accuracy"] == 1.0
    assert {"train", "evaluate"} == set(rounds[0]["seconds"])


def test_labels_of_one_class_leave_the_start_as_it_is(tmp_path, alcli):
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


def test_each_round_has_its_own_key_while_no_model_is_trained(tmp_path, alcli):
    write(tmp_path / "in", make_records(20))
    classes = ("--class", "negative", "--class", "positive")
    start = ("train", "--epochs", "0", "--vocabulary-from", "in", "-o", "init")
    alcli(*start, *classes, cwd=tmp_path, check=True)
    first = make_records(10, seed=1, classes=("positive",))
    write(tmp_path / "one", first[:5])
    write(tmp_path / "two", first)
    write(tmp_path / "nobody", make_records(5, seed=2))
    for labelled, batch in (
        ("one", "one"),
        ("two", "two"),
        ("two", "nobody"),  # which nobody answered
        ("two", "nobody"),  # the same round once more
    ):
        alcli("train", labelled, "--init", "init", "-o", "m", cwd=tmp_path, check=True)
        alcli(
            *("evaluate", "in", "-m", "m", "--batch", batch, "--labelled", labelled),
            *("--append", "curve"),
            cwd=tmp_path,
            check=True,
        )
    rounds = [json.loads(x) for x in (tmp_path / "curve").read_text().splitlines()]
    keys = [record["key"] for record in rounds]

    assert [record["labels"] for record in rounds] == [5, 10, 10, 10]
    assert [record["epochs"] for record in rounds] == [0] * 4
    assert len({*keys}) == 3
    assert keys[2] == keys[3]


def test_evaluate_notes_batch_and_stop_set(tmp_path, alcli):
    import base64

    records = make_records(40)
    write(tmp_path / "in", records)
    alcli("train", "in", "-o", "m", cwd=tmp_path, check=True)
    batch = [
        {"id": r["id"], "pred": "positive", "tokens": r["tokens"]} for r in records[:10]
    ]
    write(tmp_path / "batch", [*batch, {"id": "unanswered", "pred": "negative"}])
    done = alcli(
        "evaluate", "in", "-m", "m", "--stop-set", "in", "--batch", "batch",
        "--labelled", "in", cwd=tmp_path, check=True,
    )  # fmt: skip
    record = json.loads(done.stdout)

    assert record["batch"] == {
        "asked": 11,
        "labelled": {"negative": 5, "positive": 5},
        "agreed": 0.5,
    }
    pred = np.frombuffer(base64.b64decode(record["stop_set"]["pred"]), "u1")
    assert pred.tolist() == [0, 1] * 20
    assert record["stop_set"]["n"] == 40
    assert 0.5 < record["stop_set"]["confidence_mean"] <= 1
    assert record["stop_set"]["entropy_max"] <= np.log(2)


def test_records_with_probs_need_no_model(model):
    scored = list(alcli.score(make_records(20, seed=1), model))
    with_model = alcli.evaluate(make_records(20, seed=1), model)["metrics"]
    without = alcli.evaluate(scored)["metrics"]

    assert with_model == pytest.approx(without, abs=1e-6)


def test_fail_under_is_a_negative_answer(tmp_path, alcli):
    rows = [{"id": i, "label": "a", "probs": {"a": 0.4, "b": 0.6}} for i in range(4)]
    write(tmp_path / "in", rows)

    assert (
        alcli("evaluate", "in", "--fail-under", "accuracy=0", cwd=tmp_path).returncode
        == 0
    )
    done = alcli("evaluate", "in", "--fail-under", "accuracy=0.1", cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["metrics"]["accuracy"] == 0
    done = alcli("evaluate", "in", "--fail-under", "acc=0.1", cwd=tmp_path)
    assert done.returncode == 2
    assert b"accuracy" in done.stderr


def test_topics_are_equal_after_loading_and_with_workers(tmp_path, alcli):
    write(tmp_path / "in", make_records(200))
    fit = ["topics", "in", "--set", "topics=3", "--set", "max_share=1.0"]
    first = alcli(*fit, "--save", "t", "--words", "2", cwd=tmp_path, check=True)
    again = alcli("topics", "in", "--load", "t", cwd=tmp_path, check=True)
    jobs = alcli("topics", "in", "--load", "t", "--jobs", "2", cwd=tmp_path, check=True)
    piped = alcli(*fit, "-", stdin=b"", cwd=tmp_path)

    assert first.stdout == again.stdout == jobs.stdout
    assert b"topic 2: " in first.stderr
    assert piped.returncode == 0
    topics = {json.loads(line)["topic"] for line in first.stdout.splitlines()}
    assert topics <= {0, 1, 2}
    assert len(topics) > 1


def test_a_text_without_a_known_word_has_no_topic():
    records = [*make_records(100), {"id": "x", "tokens": "ناشناخته"}]
    found = list(alcli.topics(records, topics=3, max_share=1.0))

    assert found[-1]["topic"] == -1
    assert found[-1]["topic_prob"] == pytest.approx(1 / 3)


def test_topics_separate_disjoint_vocabularies():
    rng = np.random.default_rng(0)
    kinds = [["گوشی", "باتری", "صفحه"], ["کتاب", "داستان", "نویسنده"]]
    records = [
        {"id": i, "tokens": " ".join(rng.choice(kinds[i % 2], 12))} for i in range(400)
    ]
    found = list(alcli.topics(records, topics=2, max_share=1.0, max_iter=10))
    sides = [[r["topic"] for r in found[i::2]] for i in range(2)]

    assert np.mean(np.array(sides[0]) == sides[0][0]) > 0.95
    assert np.mean(np.array(sides[1]) != sides[0][0]) > 0.95


def test_a_model_and_topics_are_not_taken_for_each_other(tmp_path, alcli):
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


@pytest.mark.slow
def test_keras_leaves_no_trace_at_home(tmp_path, alcli):
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
def test_patience_keeps_the_best_epoch_and_too_few_records_switch_it_off(caplog):
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


@pytest.mark.slow
def test_training_that_diverges_is_an_error_and_writes_nothing(tmp_path, alcli):
    write(tmp_path / "in", make_records())
    args = ["train", "in", "--arch", "cnn", "--learning-rate", "1e30", "-o", "m"]
    args += ["--set", "min_count=1", "--set", "max_share=1.0"]
    done = alcli(*args, cwd=tmp_path)

    assert done.returncode == 3
    assert b"diverged in epoch" in done.stderr
    assert not (tmp_path / "m").exists()


def test_calibrated_probabilities_are_worth_more(tmp_path, alcli):
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


def test_threads_are_noted_and_kept(tmp_path, alcli):
    write(tmp_path / "train", make_records(40))
    args = ["train", "train", "--set", "min_count=1", "--threads", "1", "-o", "m"]
    alcli(*args, cwd=tmp_path, check=True)

    assert Checkpoint.load(str(tmp_path / "m")).training["threads"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupt_saves_the_best_epoch_and_dies_all_the_same(tmp_path, name):
    write(tmp_path / "train", make_records(400))
    args = ["train", "train", "--arch", "cnn", "--epochs", "9999", "-o", "m"]
    options = ["--set", "min_count=1", "--on-interrupt", "save"]
    with subprocess.Popen(
        [sys.executable, "-m", "alcli", *args, *options],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        next(line for line in process.stderr if "epoch 3" in line)
        process.send_signal(getattr(signal, name))

    assert process.returncode == -getattr(signal, name)
    training = Checkpoint.load(str(tmp_path / "m")).training
    assert training["interrupted"] == getattr(signal, name)
    assert 3 <= training["kept_epoch"] == training["epochs"] < 9999


INTERRUPTED_IN = """
import os, signal, sys
from importlib import import_module
from alcli.cli.main import main

module, owner, name = sys.argv[1:4]
owner = getattr(import_module(module), owner)
plain = getattr(owner, name)

def interrupted(*args, **how):
    os.kill(os.getpid(), signal.SIGTERM)
    return plain(*args, **how)

setattr(owner, name, interrupted)
main(sys.argv[4:])
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["save", "discard"])
@pytest.mark.parametrize(
    "place",
    [
        ("alcli.models.networks.vocabulary_pruning", "PrunedModel", "merge_back"),
        ("alcli.models.training.fitting", "Fitting", "_fit_temperature"),
        ("alcli.models.checkpoint", "Checkpoint", "dump"),
    ],
)
def test_an_interrupt_after_the_epochs_waits_for_the_file(tmp_path, place, how):
    write(tmp_path / "train", make_records(400))
    args = ["train", "train", "--arch", "cnn", "--epochs", "1", "-o", "m"]
    options = ["--set", "min_count=1", "--validation", "0.3", "--on-interrupt", how]
    call = [sys.executable, "-c", INTERRUPTED_IN, *place, *args, *options]
    done = subprocess.run([*call, "--calibrate", "temperature"], cwd=tmp_path)

    assert done.returncode == -signal.SIGTERM
    assert sorted(os.listdir(tmp_path)) == (
        ["train"] if how == "discard" else ["m", "train"]
    )
    if how == "save":
        training = Checkpoint.load(str(tmp_path / "m")).training
        assert (training["interrupted"], training["epochs"]) == (0, 1)


@pytest.mark.slow
def test_a_terminal_sees_loss_and_score_as_they_come(tmp_path):
    write(tmp_path / "train", make_records(2000))
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    args = ["train", "train", "--arch", "cnn", "--epochs", "9", "-o", "m"]
    options = ["--set", "min_count=1", "--validation", "0.3", "--batch-size", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "alcli", *args, *options], cwd=tmp_path, stderr=theirs
    ) as process:
        os.close(theirs)  # so that reading fails if the process ends early
        said = b""
        while b"epoch 2," not in said:
            said += os.read(ours, 4096)
        process.kill()
    os.close(ours)

    assert b"validation accuracy" in said
    assert re.search(rb"epoch 1/9: +\d+%\|.*loss 0\.\d+", said)


def test_a_start_that_nothing_was_added_to_is_the_same_model(tmp_path):
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


def test_few_records_calibrate_nothing(caplog):
    args = {"params": {"min_count": 1}, "validation": 0.1, "calibrate": "temperature"}
    model = alcli.train(make_records(80), **args)

    assert model.temperature == 1
    assert "no calibration" in caplog.text


def test_a_temperature_at_its_bound_is_warned_of_and_keeps_records_apart(caplog):
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


@pytest.mark.slow
def test_weights_that_are_no_numbers_are_never_written(tmp_path, alcli):
    """The loss of a step is that before it: the last step may break the weights."""
    write(tmp_path / "train", make_records(40))
    args = ["--epochs", "1", "--batch-size", "100", "--learning-rate", "1e39"]
    more = ["--arch", "cnn", "--set", "min_count=1", "-o", "m"]
    done = alcli("train", "train", *args, *more, cwd=tmp_path)

    assert done.returncode == 3
    assert b"diverged in epoch 1" in done.stderr
    assert not (tmp_path / "m").exists()


@pytest.mark.slow
def test_the_history_has_a_record_for_each_epoch(tmp_path, alcli):
    write(tmp_path / "train", make_records(60))
    args = ["--arch", "cnn", "--epochs", "3", "--validation", "0.3", "-o", "m"]
    alcli("train", "train", "--set", "min_count=1", *args, cwd=tmp_path, check=True)
    said = alcli("info", "m", "--history", cwd=tmp_path, check=True).stdout
    records = [json.loads(line) for line in said.splitlines()]

    assert [record["epoch"] for record in records] == [1, 2, 3]
    assert all({"loss", "validation_loss"} <= record.keys() for record in records)
