"""The fixtures that all other tests lean on."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import pytest

from tests.conftest import ROOT, pytest_collection_modifyitems
from tests.waiting import until


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


def test_alcli_reads_stdin_in_the_working_folder(run, tmp_path):
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


def test_check_prints_the_difference(run):
    with pytest.raises(pytest.fail.Exception, match=r"status 2: .*no-such"):
        run("clean", "--no-such", check=True)


def test_forked_commands_share_no_environment(run, monkeypatch):
    """Neither what its environment was, nor what it has changed."""
    monkeypatch.setenv("ALCLI_JOBS", "none")
    assert run("normalize", "--language", "any").returncode == 2
    monkeypatch.delenv("ALCLI_JOBS")
    assert run("normalize", "--language", "any").returncode == 0
    assert run("normalize", "--language", "any", env={"ALCLI_JOBS": "0"}).returncode


class Waiting:
    """A job whose stdin is open, so that it goes on; stdout and stderr are files."""

    def __init__(self, forks, folder, *args):
        self.folder = folder
        reading, self._writing = os.pipe()
        with open(folder / "out", "wb") as out, open(folder / "err", "wb") as err:
            self.job = forks.start(args, [reading, out.fileno(), err.fileno()])
        os.close(reading)

    def ends(self):
        """Close stdin, and return the status and what was written."""
        os.close(self._writing)
        with self.job:
            status = self.job.wait()
        return status, *((self.folder / n).read_bytes() for n in ("out", "err"))


@pytest.fixture
def waiting(forks, tmp_path):
    """Return what starts jobs that go on, each in a folder of its own."""

    def start(*args):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        return Waiting(forks, folder, *args)

    return start


def test_the_status_of_a_killed_process_is_the_number_of_the_signal(waiting):
    found = waiting("clean")
    found.job.send_signal(signal.SIGKILL)
    assert found.ends() == (-signal.SIGKILL, b"", b"")


def test_a_job_that_goes_on_does_not_hold_up_the_next(waiting, alcli):
    first, second = waiting("clean", "-q"), waiting("clean", "--no-such")
    assert second.ends()[0] == 2
    assert alcli("--version", check=True).stdout
    assert first.job.poll() is None
    assert first.ends() == (0, b"", b"")


def test_a_slow_start_does_not_give_the_next_job_its_answers(forks, waiting, alcli):
    """As on a busy machine: nobody waits any more when the first answer comes."""
    os.kill(forks.pid, signal.SIGSTOP)
    try:
        with waiting("clean", "--no-such").job:
            pass
        second, third = waiting("clean", "-q"), waiting("clean", "--no-such")
    finally:
        os.kill(forks.pid, signal.SIGCONT)
    assert third.ends()[0] == 2
    assert second.ends() == (0, b"", b"")
    assert second.job.pid != third.job.pid
    assert alcli("--version", check=True).stdout.startswith(b"alcli ")


@pytest.mark.parametrize("started", [True, False])
def test_a_process_does_not_outlive_its_block(forks, started):
    reading, writing = os.pipe()
    ours, theirs = os.pipe()
    if not started:
        os.kill(forks.pid, signal.SIGSTOP)
    try:
        with forks.start(["clean"], [reading, theirs, theirs]) as job:
            os.close(theirs)
            assert not started or job.pid
    finally:
        os.kill(forks.pid, signal.SIGCONT)
    assert os.read(ours, 1) == b""  # whoever could write has ended
    for end in (reading, writing, ours):
        os.close(end)


def test_a_missing_folder_is_an_error(forks):
    with (
        open(os.devnull, "r+b") as nothing,
        forks.start(["clean"], [nothing.fileno()] * 3, cwd="/nowhere") as job,
    ):
        assert job.wait() == 1


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


def test_ignored_signals_are_restored_for_subprocesses():
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


def test_files_with_slow_tests_come_first_then_those_with_many():
    def item(path, name, slow=False):
        marker = {"slow": slow}.get
        return SimpleNamespace(path=path, name=name, get_closest_marker=marker)

    items = [item("few", 1), item("many", 1), item("many", 2)]
    items += [item("slow", 1), item("slow", 2, slow=True)]
    items += [item("also", 1), item("also", 2), item("also", 3, slow=True)]
    pytest_collection_modifyitems(items)
    assert [(item.path, item.name) for item in items] == [
        *(("also", 1), ("also", 2), ("also", 3), ("slow", 1), ("slow", 2)),
        *(("many", 1), ("many", 2), ("few", 1)),
    ]


def test_until_fails_when_the_process_has_ended():
    with pytest.raises(AssertionError, match="ended with 2 before"):
        until(lambda: False, lambda: 2)
    found = iter([None, 1])
    assert until(lambda: next(found), lambda: None) == 1
    assert until(lambda: True, lambda: 0)  # the last thing that it did
