"""`alcli simulate` as a process: killed, and started again."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from tests.waiting import until


def records():
    chance = random.Random(3)
    for number in range(900):
        kind = chance.choice(["bad", "good"])
        words = [f"{kind}{chance.randrange(9)}"]
        words += [f"n{chance.randrange(60)}" for _ in range(9)]
        yield {"id": number, "tokens": " ".join(words), "label": kind}


@pytest.fixture
def quick(forks):
    """Return a function that starts a process with the packages loaded."""

    def start(words):
        with open(os.devnull, "r+b") as nothing:
            job = forks.start(words, [nothing.fileno()] * 3)

        def wait():
            with job:
                return job.wait()

        return partial(job.send_signal, signal.SIGKILL), wait, job.poll

    return start


def whole(words):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-m", "alcli", *words]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    return process.kill, process.wait, process.poll


def rounds(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.slow  # many processes
@pytest.mark.parametrize(("jobs", "kills"), [(1, 20), (2, 3)])
def test_a_killed_simulation_resumes_with_the_same_curves(tmp_path, quick, jobs, kills):
    data, never, often = (tmp_path / f"{n}.jsonl" for n in ("data", "never", "often"))
    data.write_text("".join(json.dumps(record) + "\n" for record in records()))
    start = quick if jobs == 1 else whole

    def simulate(curve):
        line = (
            f"simulate {data} --seeds 2 -n 25 --baselines --test-size 200 "
            "-s random -s margin --stop-size 50 -q "
            "--arch logreg,min_count=1 --noise 0.1,0.4,0.1 "
            f"--jobs {jobs} --append {curve}"
        )
        return start(line.split())

    assert simulate(never)[1]() == 0
    total, chance = rounds(never), random.Random(jobs)
    assert total == 2 * (2 * 28 + 4)  # four baselines of each seed
    for number in range(1, kills + 1):
        kill, wait, ended = simulate(often)
        share = number / (kills + 2)
        until(lambda share=share: rounds(often) >= total * share, ended)
        time.sleep(chance.random() * 0.05)
        kill()
        killed = wait() == -signal.SIGKILL
        assert killed or number > 1  # the last ones may come when all is done
    assert simulate(often)[1]() == 0

    def known(curve):
        lines = curve.read_text().splitlines()
        rows = [{**json.loads(line), "seconds": None} for line in lines]
        return rows if jobs == 1 else sorted(rows, key=lambda row: row["key"])

    assert known(often) == known(never)


@pytest.fixture
def simulate(alcli, tmp_path):
    """Return a function that simulates quickly: 100 records, logreg, one seed."""
    lines = [json.dumps(record) + "\n" for record in records()]
    (tmp_path / "data.jsonl").write_text("".join(lines[:100]))

    def run(*words, out="-o curve.jsonl"):
        line = "simulate data.jsonl -n 30 --seeds 1 --arch logreg,min_count=1"
        return alcli(*line.split(), *out.split(), *words, cwd=tmp_path)

    return run


def curve_of(tmp_path):
    return list(map(json.loads, (tmp_path / "curve.jsonl").read_text().splitlines()))


def test_seeds_are_counted_from_the_first(simulate, tmp_path):
    assert simulate("--seeds", "2", "--seed", "5").returncode == 0

    assert {row["tags"]["seed"] for row in curve_of(tmp_path)} == {"5", "6"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--append", "curve.jsonl", "-o", "b.jsonl"], "either --append or -o"),
        (["--test", "data.jsonl", "--test-size", "9"], "either --test or --test-size"),
        (["--epochs", "0"], "--epochs 0 trains nothing"),
        (["--until", "nothing=1"], "unknown criterion 'nothing'"),
        (["-s", "nothing"], "unknown strategy 'nothing'"),
        (["--aggregate", "nothing"], "unknown aggregator 'nothing'"),
        (["--field", "label"], "--field label: a model cannot read that"),
        (["--noise", "0.1,0.2", "--annotators", "3"], "2 shares of noise"),
    ],
)
def test_invalid_options_are_rejected_before_reading(
    simulate, tmp_path, words, message
):
    (tmp_path / "data.jsonl").unlink()
    done = simulate(*words)

    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert not list(tmp_path.glob("*.jsonl"))


def test_options_reach_the_runs(simulate, tmp_path):
    words = "--order file --noise 0.2 --annotators 3 --newest last --stop-size 9"
    assert simulate(*words.split(), "--until", "rounds=1").returncode == 0

    settings = json.loads(curve_of(tmp_path)[0]["tags"]["settings"])
    assert settings["fitting"]["shuffle"] is False
    assert settings["noise"] == [0.2] * 3
    assert (settings["newest"], settings["stop"]) == ("last", 9)


def test_the_comparison_is_logged_unless_quiet(simulate):
    assert b"margin: too few seeds for a verdict" in simulate().stderr
    assert simulate("-q").stderr == b""


@pytest.fixture
def tired(tmp_path):
    (tmp_path / "tired.py").write_text("def tired(scored):\n    return [][0]\n")
    return ["-s", "tired.py:tired"]


def test_the_old_file_stays_if_all_runs_fail(simulate, tmp_path, tired):
    (tmp_path / "curve.jsonl").write_text("old\n")
    done = simulate(*tired)

    assert done.returncode == 70
    assert b"1 of 1 runs failed: tired.py:tired" in done.stderr
    assert (tmp_path / "curve.jsonl").read_text() == "old\n"


def test_a_failed_run_determines_the_status(simulate, tmp_path, tired):
    done = simulate(*tired, "-s", "random")

    assert done.returncode == 70
    assert {row["tags"]["strategy"] for row in curve_of(tmp_path)} == {"random"}


def test_a_report_has_the_memory_of_the_workers(simulate, tmp_path):
    words = ["--jobs", "2", "--until", "rounds=1", "--report", "report.json"]
    assert simulate(*words).returncode == 0

    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["read"], report["written"]) == (100, 2)
    assert report["peak_memory_worker"] > 10_000_000


def test_a_full_disk_is_reported(simulate, tmp_path):
    done = simulate(out="--append /dev/full")

    assert done.returncode == 5
    assert b"/dev/full: No space left on device" in done.stderr


def test_a_repeated_id_is_reported_with_its_line(simulate, tmp_path):
    with (tmp_path / "data.jsonl").open("a") as file:
        file.write('{"id": 3, "tokens": "good1", "label": "good"}\n')
    done = simulate()

    assert done.returncode == 3
    assert b'data.jsonl:101: id "3" is repeated' in done.stderr
