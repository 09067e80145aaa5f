"""The reference loop survives kills, failing steps and stubborn ties."""

import fcntl
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest

from tests.waiting import until

ROOT = Path(__file__).parents[2]
LOOP = ROOT / "examples" / "loop"
SAMPLE = ROOT / "examples" / "reviews" / "reviews.jsonl"

pytestmark = pytest.mark.slow


def environment(records, bin_folder=None, **settings):
    gold = f"alcli label --with gold --gold {records}"
    path = [str(Path(sys.executable).parent), os.environ["PATH"]]
    if bin_folder:
        path.insert(0, str(bin_folder))
    env = os.environ | {
        "PATH": os.pathsep.join(path),
        "RAW": str(records),
        "LABEL": gold,
        "ARCH": "logreg",
        "LANGUAGE_OF_TEXT": "any",  # hazm takes seconds to load
    }
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env | {name: str(value) for name, value in settings.items()}


def run(folder, env):
    folder.mkdir(exist_ok=True)
    return subprocess.run([LOOP / "loop.sh"], cwd=folder, env=env, capture_output=True)


def read(path):
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def curve(folder):
    rounds = {}
    for record in read(folder / "curve.jsonl"):
        record.pop("seconds")
        rounds[record["key"]] = record
    return list(rounds.values())


def asked_once(folder):
    votes = [(v["id"], v["annotator"]) for v in read(folder / "votes.jsonl")]
    return len(votes) == len(set(votes))


def kill_at_a_moment(folder, env, chance, how, pace):
    """Start the loop, wait for some of its steps and a bit, and kill it all."""
    with open(folder / "log", "ab") as log:
        loop = subprocess.Popen(
            [LOOP / "loop.sh"],
            cwd=folder,
            env=env,
            stderr=log,
            stdout=log,
            start_new_session=True,
        )
        lines = (folder / "log").read_bytes().count(b"\n") + chance.randint(0, 5)
        until(
            lambda: (
                loop.poll() is not None
                or (folder / "log").read_bytes().count(b"\n") >= lines
            )
        )
        time.sleep(chance.uniform(0, pace))
        try:
            os.killpg(loop.pid, how)
        except ProcessLookupError:
            return False  # it had ended by itself
        loop.wait()
    with (folder / "loop.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # its children may take a moment longer
    return True


def test_killed_ten_times_it_ends_as_if_never_killed(data, tmp_path):
    records = tmp_path / "raw.jsonl"
    with gzip.open(data("sentipers/train.jsonl.gz")) as lines:
        records.write_bytes(b"".join(islice(lines, 1500)))
    sizes = {"TEST": 300, "STOP": 200, "N": 53, "UNTIL": "labels=159"}
    env = environment(records, STRATEGY="lda", **sizes)
    begin = time.monotonic()
    whole = run(tmp_path / "whole", env)
    assert whole.returncode == 0, whole.stderr.decode()
    pace = (time.monotonic() - begin) / whole.stderr.count(b"\n")  # of a step

    killed, chance = tmp_path / "killed", random.Random(0)
    killed.mkdir()
    kills = 0
    for attempt in range(10):
        how = (signal.SIGTERM, signal.SIGKILL)[attempt % 2]
        kills += kill_at_a_moment(killed, env, chance, how, pace)
        votes = killed / "votes.jsonl"
        if votes.exists() and votes.read_bytes().endswith(b"\n"):
            assert asked_once(killed)
    last = run(killed, env)

    assert last.returncode == 0, last.stderr.decode()
    assert kills >= 5, "the loop was over before it could be killed"
    assert asked_once(killed)
    labelled = (killed / "labelled.jsonl").read_bytes()
    assert labelled == (tmp_path / "whole" / "labelled.jsonl").read_bytes()
    assert len(read(killed / "labelled.jsonl")) == 159
    assert curve(killed) == curve(tmp_path / "whole")
    assert [record["labels"] for record in curve(killed)] == [53, 106, 159]
    print(f"killed {kills} times")  # noqa: T201 - for -s


SMALL = {"N": 40, "UNTIL": "labels=120", "TEST": 200, "STOP": 100, "MIN_TOKENS": 1}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The head of the sample; it has every class."""
    path = tmp_path_factory.mktemp("sample") / "raw.jsonl"
    with SAMPLE.open("rb") as lines:
        path.write_bytes(b"".join(islice(lines, 1000)))
    return path


@pytest.fixture(scope="module")
def prepared(sample, tmp_path_factory):
    """A folder in which the loop has made its first round on the sample."""
    folder = tmp_path_factory.mktemp("prepared")
    done = run(folder, environment(sample, **SMALL | {"UNTIL": "labels=40"}))
    assert done.returncode == 0, done.stderr.decode()
    return folder


STEPS = ["proceed", "label", "merge-labels", "train", "evaluate", "score", "select"]


@pytest.mark.parametrize("step", STEPS)
def test_a_failing_step_ends_the_loop_with_its_status(prepared, sample, tmp_path, step):
    folder, bin_folder = tmp_path / "loop", tmp_path / "bin"
    shutil.copytree(prepared, folder)
    bin_folder.mkdir()
    real = Path(sys.executable).parent / "alcli"
    fake = bin_folder / "alcli"
    fake.write_text(
        f'#!/bin/sh\necho "$1" >> {tmp_path}/calls\n'
        f'[ "$1" = {step} ] && exit 42\nexec {real} "$@"\n'
    )
    fake.chmod(0o755)
    votes = len(read(folder / "votes.jsonl"))
    done = run(folder, environment(sample, bin_folder, **SMALL))
    calls = (tmp_path / "calls").read_text().split()

    assert done.returncode == 42
    assert calls[-1] == step
    assert calls.count("label") <= 1
    assert len(read(folder / "votes.jsonl")) <= votes + SMALL["N"]


TIES = """\
import json, subprocess, sys
from pathlib import Path
batch, _, ledger = sys.argv[1:]
rows = [json.loads(line) for line in open(batch, encoding="utf-8")]
ties = Path("ties.json")
if not ties.exists():
    ties.write_text(json.dumps([row["id"] for row in rows[:10]]))
tied = set(json.loads(ties.read_text()))
with open("asked", "a") as asked:
    asked.writelines(row["id"] + "\\n" for row in rows)
with open(ledger, "a", encoding="utf-8") as votes:
    for row in rows:
        two = ["positive", "negative"] if row["id"] in tied else [row["label"]]
        for name, label in zip("ab", two):
            vote = row | {"label": label, "annotator": name}
            votes.write(json.dumps(vote, ensure_ascii=False) + "\\n")
"""


def test_texts_that_always_tie_are_not_selected_again(prepared, sample, tmp_path):
    folder = tmp_path / "loop"
    folder.mkdir()
    for name in ("pool.jsonl", "test.jsonl", "split.stop.jsonl", "init.model"):
        shutil.copy(prepared / name, folder)
    (tmp_path / "ties.py").write_text(TIES)
    label = f"{sys.executable} {tmp_path}/ties.py"
    done = run(folder, environment(sample, **SMALL | {"LABEL": label}))
    asked = (folder / "asked").read_text().split()
    tied = set(json.loads((folder / "ties.json").read_text()))

    assert done.returncode == 0, done.stderr.decode()
    assert len(asked) == len(set(asked)) >= 120
    assert len(tied & set(asked)) == 10
    assert not tied & {record["id"] for record in read(folder / "labelled.jsonl")}


SELDOM = """\
import json, sys
batch, _, ledger = sys.argv[1:]
rows = [json.loads(line) for line in open(batch, encoding="utf-8")]
with open(ledger, "a+", encoding="utf-8") as votes:
    votes.seek(0)
    for number, row in enumerate(rows, len(votes.readlines())):
        label = None if number < 40 else "positive" if number < 80 else row["label"]
        print(json.dumps(row | {"label": label, "annotator": "a"}), file=votes)
"""


@pytest.mark.parametrize(("enough", "labels"), [(40, [0, 40]), (120, [0, 40, 80, 120])])
def test_the_loop_continues_without_labels_or_with_one_class(
    prepared, sample, tmp_path, enough, labels
):
    folder = tmp_path / "loop"
    folder.mkdir()
    for name in ("pool.jsonl", "test.jsonl", "split.stop.jsonl", "init.model"):
        shutil.copy(prepared / name, folder)
    (tmp_path / "label.py").write_text(SELDOM)
    label = f"{sys.executable} {tmp_path}/label.py"
    settings = SMALL | {"LABEL": label, "UNTIL": f"labels={enough} plateau,patience=1"}
    done = run(folder, environment(sample, **settings))

    assert done.returncode == 0, done.stderr.decode()
    assert asked_once(folder)
    assert [record["labels"] for record in curve(folder)] == labels
    assert len(read(folder / "votes.jsonl")) == 40 + labels[-1]


def test_a_second_loop_in_the_same_folder_steps_aside(prepared, sample, tmp_path):
    shutil.copytree(prepared, tmp_path / "loop")
    before = (tmp_path / "loop" / "votes.jsonl").read_bytes()
    with (tmp_path / "loop" / "loop.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run(tmp_path / "loop", environment(sample, **SMALL))

    assert done.returncode == 0
    assert (tmp_path / "loop" / "votes.jsonl").read_bytes() == before


def test_an_exhausted_pool_ends_the_loop(prepared, sample, tmp_path):
    folder = tmp_path / "loop"
    folder.mkdir()
    for name in ("test.jsonl", "split.stop.jsonl", "init.model"):
        shutil.copy(prepared / name, folder)
    few = (prepared / "pool.jsonl").read_bytes().split(b"\n")[:70]
    (folder / "pool.jsonl").write_bytes(b"\n".join(few) + b"\n")
    env = environment(sample, **SMALL | {"UNTIL": "labels=1000"})
    done, again = run(folder, env), run(folder, env)

    assert done.returncode == again.returncode == 0, again.stderr.decode()
    assert b"only" in done.stderr
    assert b"no record is left to select" in done.stderr
    assert asked_once(folder)
    assert len(read(folder / "votes.jsonl")) <= 70


def test_classes_may_have_spaces_and_half_spaces(sample, tmp_path):
    names = {"negative": "نه چندان خوب", "neutral": "بی‌نظر", "positive": "خیلی  خوب"}
    records = [{**r, "label": names[r["label"]]} for r in read(sample)[:600]]
    raw = tmp_path / "it's raw.jsonl"
    text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
    raw.write_text(text, "utf-8")
    env = environment(raw, **SMALL | {"TEST": 50, "STOP": 50, "UNTIL": "labels=80"})
    env["LABEL"] = f'alcli label --with gold --gold "{raw}"'
    env["CLASSES"] = "\n".join(names.values())
    env["TRAIN"] = " ".join(f"--class '{name}'" for name in names.values())
    done = run(tmp_path / "loop", env)

    assert done.returncode == 0, done.stderr.decode()
    last = curve(tmp_path / "loop")[-1]
    assert last["confusion"]["labels"] == list(names.values())
    assert last["labels"] == 80
