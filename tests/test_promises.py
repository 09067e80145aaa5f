"""Promises that cut across the tree: safety, chance, files that others own."""

import json
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import alcli
from alcli.core import errors

EVIL = "import pathlib\npathlib.Path('executed').touch()\ndef f(*a, **k): ...\n"


def records(n=60):
    words = {"good": "خوب عالی راضی", "bad": "بد خراب افتضاح"}
    labels = ["good", "bad"]
    return [
        {
            "id": f"r{i}",
            "tokens": f"{words[labels[i % 2]]} x{i % 5}",
            "label": labels[i % 2],
        }
        for i in range(n)
    ]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def forge(source, target, **changes):
    """Copy a checkpoint with another card, its members as they are."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "checkpoint.json":
                data = json.dumps(json.loads(data) | changes).encode()
            new.writestr(name, data)


def test_a_card_cannot_make_a_model_run_code(alcli, tmp_path):
    write(tmp_path / "in", records())
    (tmp_path / "evil.py").write_text(EVIL)
    alcli("train", "in", "-o", "m", cwd=tmp_path, check=True)
    forge(tmp_path / "m", tmp_path / "evil", arch=f"{tmp_path}/evil.py:f")
    done = alcli("score", "in", "-m", "evil", cwd=tmp_path)

    assert done.returncode == 4
    assert not (tmp_path / "executed").exists()


def test_a_card_cannot_make_topics_run_code(alcli, tmp_path):
    write(tmp_path / "in", records())
    (tmp_path / "evil.py").write_text(EVIL)
    more = ["--set", "max_share=1.0", "--save", "t"]
    alcli("topics", "in", *more, cwd=tmp_path, check=True)
    forge(tmp_path / "t", tmp_path / "evil", method=f"{tmp_path}/evil.py:f")
    done = alcli("topics", "in", "--load", "evil", cwd=tmp_path)

    assert done.returncode == 4
    assert not (tmp_path / "executed").exists()


def test_no_module_can_unpickle_or_evaluate():
    from pathlib import Path

    root = Path(sys.modules["alcli"].__file__).parent
    for path in root.rglob("*.py"):
        text = path.read_text("utf-8")
        for word in ("import pickle", "allow_pickle=True", "safe_mode=False", " eval("):
            assert word not in text, (path, word)


def test_a_random_batch_does_not_follow_the_split():
    pool = [{"id": str(i)} for i in range(4000)]
    parts = alcli.split(pool, {"test": 1000, "stop": 1000, "rest": None})
    stop = {record["id"] for record in parts["stop"]}
    batch = alcli.select(parts["stop"] + parts["rest"], 600, strategy="random")
    hits = sum(record["id"] in stop for record in batch)

    assert 150 < hits < 250  # 200 expected


def test_a_planted_link_is_not_followed(alcli, tmp_path):
    (tmp_path / "victim").write_text("precious")
    (tmp_path / ".out.alcli-part").symlink_to("victim")
    done = alcli("info", cwd=tmp_path)
    done = alcli("clean", "-o", "out", stdin=b'{"id":1,"tokens":"a"}\n', cwd=tmp_path)

    assert done.returncode == 5
    assert (tmp_path / "victim").read_text() == "precious"


def test_output_appended_to_stdout_keeps_earlier_content(tmp_path):
    log = tmp_path / "log"
    log.write_text("KEEP\n")
    with open(log, "ab") as out:
        subprocess.run(
            [sys.executable, "-m", "alcli", "clean", "-q", "-o", "/dev/stdout"],
            input=b'{"id":1,"tokens":"a"}\n',
            stdout=out,
            check=True,
        )

    assert log.read_bytes() == b'KEEP\n{"id":1,"tokens":"a"}\n'


@pytest.mark.parametrize(
    "error",
    [
        errors.UnknownName("strategy", "x", ["a", "b"]),
        errors.MissingExtra("spacy", "rules"),
        errors.MissingField("tokens", remedy="run it", source="f", line=3),
        errors.InputError("bad", source="f", line=7),
        errors.CheckpointError("damaged"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_cross_the_border_between_processes(error):
    again = pickle.loads(pickle.dumps(error))

    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_errors_in_workers_have_the_same_status(alcli):
    line = b'{"id":1,"text":"a"}\n'
    for jobs in ("1", "2"):
        done = alcli("normalize", "--language", "xx", "--jobs", jobs, stdin=line)
        assert done.returncode == 2
        assert b"choose from: fa, any" in done.stderr


def test_a_program_in_place_of_score_gives_a_curve(alcli, tmp_path):
    for number, sure in enumerate((0.6, 0.9)):
        probs = {"good": sure, "bad": 1 - sure}
        write(tmp_path / "s", [r | {"probs": probs} for r in records()])
        write(tmp_path / "l", records(10 * (number + 1)))
        args = ["evaluate", "s", "--labelled", "l", "--append", "curve"]
        alcli(*args, cwd=tmp_path, check=True)
    rounds = [json.loads(x) for x in (tmp_path / "curve").read_text().splitlines()]

    assert [r["labels"] for r in rounds] == [10, 20]
    assert rounds[0]["key"] != rounds[1]["key"]
    assert (
        alcli("proceed", "curve", "--until", "labels=20", cwd=tmp_path).returncode == 1
    )
    done = alcli("evaluate", "s", "--append", "curve", cwd=tmp_path)
    assert done.returncode == 2
    assert b"number of labels" in done.stderr


LABELER = """\
from alcli.annotation.labelers import Answer

def ask(tasks, save, *, answer="good"):
    save((task, Answer("me", answer)) for task in tasks)
"""


def test_a_labeler_of_ones_own_brings_its_parameters(alcli, tmp_path):
    (tmp_path / "mine.py").write_text(LABELER)
    write(tmp_path / "in", records(3))
    args = ["label", "in", "--with", "./mine.py:ask", "--append", "votes"]
    alcli(*args, "--set", "answer=bad", cwd=tmp_path, check=True)
    votes = [json.loads(x) for x in (tmp_path / "votes").read_text().splitlines()]

    assert [(v["label"], v["annotator"]) for v in votes] == [("bad", "me")] * 3


def test_a_strategy_of_ones_own_may_be_a_plain_function(alcli, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "@dataclass\nclass Setting:\n    power: float = 1.0\n"
        "def doubt(scored, power=2.0):\n"
        "    return (1 - scored.probs.max(axis=1)) ** Setting(power).power\n"
    )
    rows = [{"id": i, "probs": {"a": p, "b": 1 - p}} for i, p in enumerate((0.5, 0.9))]
    write(tmp_path / "in", rows)
    args = ["select", "in", "-n", "1", "-s", "./mine.py:doubt"]
    done = alcli(*args, "--set", "power=3", cwd=tmp_path, check=True)

    assert json.loads(done.stdout)["query"]["utility"] == pytest.approx(0.125)


def test_a_vote_that_is_just_an_id_does_not_cost_the_record_its_text():
    votes = [
        {"id": 1, "text": "t", "tokens": "t", "label": "x", "annotator": "a"},
        {"id": 1, "label": "x", "annotator": "b"},
    ]

    assert alcli.merge_labels(votes)[0]["text"] == "t"


def test_a_closed_stdin_is_an_empty_one():
    code = f"exec {sys.executable} -m alcli clean <&-"
    done = subprocess.run(["sh", "-c", code], capture_output=True)

    assert done.returncode == 0
    assert done.stdout == b""


def test_excluded_ids_may_come_from_a_pipe_with_workers(tmp_path):
    write(tmp_path / "in", records())
    alcli.train(records(), arch="logreg").save(str(tmp_path / "m"))
    run = f"{sys.executable} -m alcli score in -m m --exclude <(head -5 in)"
    outputs = [
        subprocess.run(
            ["bash", "-c", f"{run} --jobs {jobs}"],
            cwd=tmp_path,
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONPATH": os.getcwd()},
        ).stdout
        for jobs in (1, 2)
    ]

    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") == 55


def test_fitting_leaves_the_start_as_it_was():
    start = alcli.train(
        arch="logreg", corpus=records(), classes=["bad", "good"], epochs=0
    )
    before = start.predict(["خوب"]).probs.copy()
    alcli.train(records(), init=start)

    assert np.array_equal(start.predict(["خوب"]).probs, before)
