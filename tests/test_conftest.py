"""The fixtures that all other tests lean on."""

import json
import os
import signal
import subprocess
import sys
from functools import partial

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_absent_data(data, monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    either = (pytest.skip.Exception, pytest.fail.Exception)  # or this test is skipped
    with pytest.raises(either, match=r"no real data.*nowhere\.jsonl") as absent:
        data("nowhere.jsonl")
    assert absent.type is outcome


@pytest.fixture(params=[False, True], ids=["forked", "own"])
def run(alcli, request):
    return partial(alcli, own=request.param)


def test_alcli_reads_what_it_is_given_where_it_is_told(run, tmp_path):
    line = json.dumps({"id": "1", "tokens": "a b"}).encode() + b"\n"
    done = run("clean", "-o", "kept.jsonl", stdin=line, cwd=tmp_path, check=True)
    assert done.stdout == b""
    assert (tmp_path / "kept.jsonl").read_bytes() == line


def test_stdin_is_empty_by_default(run):
    done = run("clean", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_more_than_a_pipe_holds_goes_through(run):
    lines = b"".join(b'{"id":%d,"tokens":"%d"}\n' % (i, i) for i in range(9000))
    assert run("clean", stdin=lines, check=True).stdout == lines


def test_check_shows_what_went_wrong(run):
    with pytest.raises(pytest.fail.Exception, match=r"status 2: .*no-such"):
        run("clean", "--no-such", check=True)


def test_one_process_knows_nothing_of_another(run, monkeypatch):
    """Neither what its environment was, nor what it has changed."""
    monkeypatch.setenv("ALCLI_JOBS", "none")
    assert run("normalize", "--language", "any").returncode == 2
    monkeypatch.delenv("ALCLI_JOBS")
    assert run("normalize", "--language", "any").returncode == 0
    assert run("normalize", "--language", "any", env={"ALCLI_JOBS": "0"}).returncode


def test_who_is_killed_has_the_number_of_the_signal(forks):
    reading, writing = os.pipe()
    with open(os.devnull, "r+b") as nothing:
        streams = [reading, nothing.fileno(), nothing.fileno()]
        os.kill(forks.start(["clean"], streams), signal.SIGKILL)
        assert forks.wait(30) == -signal.SIGKILL
        forks.start(["clean"], streams)
        with pytest.raises(TimeoutError):
            forks.wait(0.2)
    os.close(reading)
    os.close(writing)


NOHUP = """
import signal, subprocess, sys
signals = [signal.SIGINT, signal.SIGHUP]
for number in signals:
    signal.signal(number, signal.SIG_IGN)
sys.path.insert(0, sys.argv[1])
from tests.conftest import pytest_configure
pytest_configure()
for number in signals:
    signal.raise_signal(number)
    code = f"import signal; signal.raise_signal({number})"
    print(-subprocess.run([sys.executable, "-c", code]).returncode)
"""


def test_signals_that_are_ignored_as_under_nohup_reach_what_tests_start():
    call = [sys.executable, "-c", NOHUP, ROOT]
    done = subprocess.run(call, capture_output=True, check=True)
    assert done.stdout == b"2\n1\n"


def test_byte_code_is_not_switched_off(alcli, tmp_path, monkeypatch):
    """A module stands in for the package: it says what the process sees."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "alcli.py").write_text("import sys; print(sys.dont_write_bytecode)")
    assert alcli(cwd=tmp_path, check=True, own=True).stdout == b"False\n"
    done = alcli(cwd=tmp_path, check=True, env={"PYTHONHASHSEED": "1"})
    assert done.stdout == b"False\n"
