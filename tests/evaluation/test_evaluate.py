"""Curve records of `evaluate`."""

import json

import numpy as np
import pytest

import alcli
from tests.models.reviews import make_records, write


@pytest.fixture(scope="module")
def model():
    return alcli.train(make_records(), arch="logreg")


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


def test_a_curve_record_has_the_batch_and_the_stop_set(tmp_path, alcli):
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


def test_a_metric_below_fail_under_gives_status_1(tmp_path, alcli):
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
