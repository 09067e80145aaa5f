"""`alcli simulate` as a process: killed, and started again."""

import json
import os
import random
import subprocess
import sys
import time
from multiprocessing import get_context

import pytest

from alcli.cli import main

pytestmark = pytest.mark.slow  # many processes


def records():
    chance = random.Random(3)
    for number in range(900):
        kind = chance.choice(["bad", "good"])
        words = [f"{kind}{chance.randrange(9)}"]
        words += [f"n{chance.randrange(60)}" for _ in range(9)]
        yield {"id": number, "tokens": " ".join(words), "label": kind}


@pytest.fixture(scope="module")
def quick():
    """Return what starts a process that need not load the packages."""
    context = get_context("forkserver")
    packages = ["sklearn.linear_model", "scipy.sparse", "alcli.simulation.simulation"]
    context.set_forkserver_preload(packages)

    def start(words):
        process = context.Process(target=main, args=(words,))
        process.start()
        return process.kill, lambda: process.join() or process.exitcode

    return start


def whole(words):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-m", "alcli", *words]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    return process.kill, process.wait


def rounds(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.parametrize(("jobs", "kills"), [(1, 20), (2, 3)])
def test_killed_at_any_moment_it_gives_the_same_curves(tmp_path, quick, jobs, kills):
    data, never, often = (tmp_path / f"{n}.jsonl" for n in ("data", "never", "often"))
    data.write_text("".join(json.dumps(record) + "\n" for record in records()))
    start = quick if jobs == 1 else whole

    def simulate(curve):
        line = (
            f"simulate {data} --seeds 2 -n 25 --baselines --test-size 200 "
            "-s random -s margin -s entropy --stop-size 50 -q "
            "--arch logreg,min_count=1 --noise 0.1,0.4,0.1 "
            f"--jobs {jobs} --append {curve}"
        )
        return start(line.split())

    assert simulate(never)[1]() == 0
    total, chance = rounds(never), random.Random(jobs)
    assert total == 2 * (3 * 28 + 2)
    for number in range(1, kills + 1):
        kill, wait = simulate(often)
        while rounds(often) < total * number / (kills + 2):
            time.sleep(0.001)
        time.sleep(chance.random() * 0.05)
        kill()
        wait()
        assert rounds(often) < total
    assert simulate(often)[1]() == 0

    def known(curve):
        lines = curve.read_text().splitlines()
        rows = [{**json.loads(line), "seconds": None} for line in lines]
        return rows if jobs == 1 else sorted(rows, key=lambda row: row["key"])

    assert known(often) == known(never)
