"""The boundary: statuses, signals, streams, reports, and the shell's completion."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from alcli.cli import main
from alcli.cli.main import commands
from alcli.core.errors import MemoryRefused

RECORD = b'{"id":1,"tokens":"a"}\n'


@pytest.fixture
def alcli(alcli):
    """Here all processes are started as people start them."""
    return partial(alcli, own=True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["clean", "--no-such"], "alcli clean: No such option"),
        (["select"], "alcli select: Missing option '-n'"),
        (["select", "-n", "x"], "alcli select: .*-n.*'x' is not a valid integer"),
        (["select", "-n", "0"], "alcli select: .*-n"),
        (["select", "-n", "1", "-s", "x"], "alcli select: unknown strategy 'x'"),
        (
            ["clean", "--min-tokens"],
            "alcli clean: .*--min-tokens.*requires an argument",
        ),
        (["no-such"], "alcli: No such command 'no-such'"),
        (["--no-such"], "alcli: No such option"),
        (["-q", "clean"], "alcli.*: No such option"),
    ],
)
def test_status_2_of_usage_names_the_command(alcli, arguments, says):
    done = alcli(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert re.match(says, done.stderr.decode())
    assert done.stderr.count(b"\n") == 1


def test_click_usage_errors_point_to_the_help(alcli):
    assert alcli("clean", "--no-such").stderr.endswith(b"(try --help)\n")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["clean", "missing"], 3, "alcli clean: missing: cannot read: No such file"),
        (["score", "-m", "missing"], 4, "alcli score: missing: cannot read"),
        (["clean", "-o", "no/x"], 5, "alcli clean: cannot write no/x: No such file"),
        (["select", "-n", "1"], 6, "alcli select: no record is left to select"),
    ],
)
def test_statuses(alcli, tmp_path, arguments, status, says):
    done = alcli(*arguments, cwd=tmp_path)
    assert done.returncode == status
    assert done.stderr.decode().startswith(says)
    assert done.stderr.count(b"\n") == 1


def test_version(alcli):
    done = alcli("--version", check=True)
    assert re.fullmatch(rb"alcli \d+\.\d+\.\d+\S*\n", done.stdout)


def test_without_arguments_there_is_help_and_status_2(alcli):
    done = alcli()
    assert (done.returncode, done.stdout) == (2, b"")
    assert all(f"\n  {name} " in done.stderr.decode() for name in commands.names())


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_the_commands_with_a_word_on_each(alcli, option):
    shown = alcli(option, check=True).stdout.decode()
    for name in commands.names():
        (line,) = re.findall(rf"^  {name} +(.*)$", shown, re.MULTILINE)
        assert commands.summary(name).startswith(line.split()[0])


@pytest.mark.parametrize("name", commands.names())
def test_every_command_has_the_common_options(name):
    command = main.group.get_command(None, name)
    options = {option for p in command.params for option in p.opts}
    assert {"--report", "-q", "--quiet", "--debug"} <= options
    assert command.help
    assert command.name == name


def test_quiet_leaves_errors_only(alcli):
    assert alcli("clean", stdin=RECORD).stderr == b"alcli clean: 1 read, 1 written\n"
    assert alcli("clean", "-q", stdin=RECORD).stderr == b""
    assert alcli("clean", "-q", stdin=b"x\n").stderr.startswith(b"alcli clean: <stdin>")


def test_debug_shows_the_traceback_and_keeps_the_status(alcli):
    done = alcli("clean", "--debug", stdin=b"x\n")
    assert done.returncode == 3
    assert done.stderr.startswith(b"Traceback (most recent call last)")
    assert done.stderr.splitlines()[-1].startswith(b"alcli clean: <stdin>:1: not JSON")


def report(path):
    return json.loads(path.read_text())


def test_a_report_of_a_run(alcli, tmp_path):
    (tmp_path / "in").write_bytes(RECORD * 2)
    arguments = ["clean", "in", "-o", "in", "--report", "r.json"]
    alcli(*arguments, cwd=tmp_path, check=True)
    found = report(tmp_path / "r.json")
    assert (found["status"], found["error"]) == (0, None)
    assert (found["command"], found["arguments"]) == ("clean", arguments)
    assert (found["read"], found["written"]) == (2, 1)
    assert found["dropped"]["repeated id"] == 1
    digest = "b601cc63"
    assert found["inputs"][0]["path"] == "in"
    assert found["inputs"][0]["sha256"].startswith(digest)


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (["clean"], 3, "<stdin>:1: not JSON"),
        (["clean", "--rejects", "bad"], 2, "--rejects goes with --skip-invalid"),
        (["clean", "-o", "no/x"], 5, "cannot write no/x"),
    ],
)
def test_a_report_of_a_failure(alcli, tmp_path, arguments, status, error):
    command, *more = arguments
    arguments = [command, "--report", "r.json", *more]
    assert alcli(*arguments, stdin=b"x\n", cwd=tmp_path).returncode == status
    found = report(tmp_path / "r.json")
    assert found["status"] == status
    assert found["error"].startswith(error)


def test_a_report_that_cannot_be_written_spoils_nothing(alcli):
    done = alcli("clean", "--report", "no/r.json", stdin=RECORD)
    assert (done.returncode, done.stdout) == (0, RECORD)
    assert b"no report: cannot write no/r.json" in done.stderr


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (KeyError("oops"), 70, "this is a bug in alcli: KeyError: 'oops'"),
        (MemoryError(), 5, "out of memory"),
        (MemoryError("5 GB"), 5, "out of memory: 5 GB"),
        (MemoryRefused("needs 9 GB"), 5, "needs 9 GB"),
        (OSError(28, "No space left on device"), 5, "No space left on device"),
        (OSError(28, "No space left", "out"), 5, "out: No space left"),
    ],
)
def test_an_unexpected_exception_is_status_70(monkeypatch, capsys, error, status, says):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(main, "group", fail)
    monkeypatch.setattr(main, "_signals", pytest.MonkeyPatch.context)
    with pytest.raises(SystemExit) as end:
        main.main(["clean", "-"])
    assert end.value.code == status
    said = capsys.readouterr().err
    assert said.splitlines()[-1] == f"alcli clean: {says}"
    assert ("Traceback" in said) == (status == 70)


def test_a_reader_that_goes_away_is_no_error():
    lines = b"".join(b'{"id":%d,"tokens":"%d"}\n' % (i, i) for i in range(200_000))
    shell = 'set -o pipefail; "$0" -m alcli clean -q | head -n 1'
    done = subprocess.run(
        ["bash", "-c", shell, sys.executable], input=lines, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b'{"id":0,"tokens":"0"}\n'


@pytest.fixture
def at_work(tmp_path):
    """Start a command that waits for its input, and is ready for signals."""
    started = []

    def start(*, ignore=None):
        process = subprocess.Popen(
            [sys.executable, "-m", "alcli", "clean", "-o", "out", "--report", "r.json"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            preexec_fn=ignore and (lambda: signal.signal(ignore, signal.SIG_IGN)),
        )
        started.append(process)
        process.stdin.write(RECORD * 10_000)  # more than a pipe holds: it is reading
        process.stdin.flush()
        return process

    yield start
    for process in started:
        with process:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_cleans_up_and_kills(at_work, tmp_path, number):
    process = at_work()
    process.send_signal(number)
    assert process.wait() == -number
    assert process.stderr.read() == b""
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    assert report(tmp_path / "r.json")["status"] == -number


def test_a_signal_that_was_ignored_stays_so(at_work, tmp_path):
    """As under nohup."""
    process = at_work(ignore=signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    process.communicate(RECORD)
    assert process.returncode == 0
    assert (tmp_path / "out").read_bytes() == RECORD


def normalize(alcli, jobs):
    text = b'{"text":"a"}\n'
    arguments = ["normalize", "--language", "any", "-q"]
    return alcli(*arguments, stdin=text, env={"ALCLI_JOBS": jobs})


@pytest.mark.parametrize("jobs", ["", "1", "2"])
def test_jobs_come_from_the_environment(alcli, jobs):
    assert normalize(alcli, jobs).returncode == 0


@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_the_environment_is_checked_as_options_are(alcli, jobs):
    done = normalize(alcli, jobs)
    assert done.returncode == 2
    assert b"alcli normalize: Invalid value for '--jobs'" in done.stderr


def test_jobs_of_the_environment_are_used(monkeypatch):
    command = main.group.get_command(None, "normalize")
    monkeypatch.setenv("ALCLI_JOBS", "3")
    for arguments, jobs in (["x"], 3), (["x", "--jobs", "2"], 2):
        assert command.make_context("normalize", arguments).params["jobs"] == jobs
    monkeypatch.delenv("ALCLI_JOBS")
    assert command.make_context("normalize", ["x"]).params["jobs"] == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_a_script(alcli, shell):
    done = alcli(env={"_ALCLI_COMPLETE": f"{shell}_source"}, check=True)
    assert f"_ALCLI_COMPLETE={shell}_complete" in done.stdout.decode()


def completed(alcli, shell, line):
    words = line.split(" ")
    last = str(len(words) - 1) if shell != "fish" else words[-1]
    variables = {"COMP_WORDS": line, "COMP_CWORD": last}
    done = alcli(env={"_ALCLI_COMPLETE": f"{shell}_complete", **variables}, check=True)
    assert done.stderr == b""
    return set(re.split(r"[\n,\t]", done.stdout.decode()))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_options_and_names(alcli, shell):
    assert "select" in completed(alcli, shell, "alcli sel")
    assert "--stratify" in completed(alcli, shell, "alcli select --str")
    found = completed(alcli, shell, "alcli select -n 5 -s e")
    assert "entropy" in found
    assert "margin" not in found
    assert "majority" in completed(alcli, shell, "alcli merge-labels --aggregate m")


def run_at_terminal(*arguments, **variables):
    """Run with a keyboard for stdin."""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "alcli", *arguments],
        stdin=theirs,
        capture_output=True,
        env=os.environ | variables,
    )
    os.close(ours)
    os.close(theirs)
    return done


def test_records_are_not_typed():
    done = run_at_terminal("clean")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"Usage: alcli clean")
    assert b"alcli clean: stdin is a terminal: name a FILE" in done.stderr


def test_completion_at_a_terminal_prints_completions_only():
    words = {"COMP_WORDS": "alcli select -s en", "COMP_CWORD": "3"}
    done = run_at_terminal(_ALCLI_COMPLETE="bash_complete", **words)
    assert (done.stdout, done.stderr) == (b"plain,entropy\n", b"")


@pytest.mark.parametrize(
    ("redirection", "args", "status"),
    [
        ("2>/dev/full", "proceed curve --until labels=1000", 0),
        ("2>/dev/full", "proceed curve --until labels=1", 1),
        ("2>/dev/full", "proceed curve --until nothing", 2),
        ("2>/dev/full", "proceed missing --until labels=1", 3),
        ("2>&-", "proceed curve --until labels=1000", 0),
        ("2>&-", "proceed missing --until labels=1", 3),
    ],
)
def test_a_stderr_that_cannot_be_written_changes_no_status(
    tmp_path, redirection, args, status
):
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full is of Linux")
    curve = '{"key": "a", "labels": 5, "metrics": {"macro_f1": 0.5}}\n'
    (tmp_path / "curve").write_text(curve)
    command = f'"{sys.executable}" -m alcli {args} {redirection}'
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True)

    assert (done.returncode, done.stdout) == (status, b"")


@pytest.mark.parametrize(
    "args",
    [
        ["clean", "a\x1b[2J\u202eb"],
        ["select", "-n", "1", "-s", "x\x1b[2J"],
        ["x\x1b[2J"],
        ["evaluate", "records"],
        [
            "label",
            "records",
            "--with",
            "gold",
            "--gold",
            "records",
            "--append",
            "v\x1b",
        ],
    ],
    ids=lambda args: args[0][:5],
)
def test_messages_have_no_control_characters(alcli, tmp_path, args):
    row = {"id": "\x1b]0;t\x07", "label": "\x1b[2J", "probs": {"\x1b[2J": 2}}
    (tmp_path / "records").write_text(json.dumps(row) + "\n")
    (tmp_path / "v\x1b").write_text("{")
    done = alcli(*args, cwd=tmp_path)

    assert done.stderr.count(b"\n") >= 1
    assert done.stderr.decode().replace("\n", "").isprintable()


def test_a_closed_stdout_is_an_error_of_its_writer(tmp_path):
    (tmp_path / "r").write_text('{"id":1,"tokens":"a"}\n')
    script = f"{sys.executable} -m alcli clean r %s >&-"
    for more, status in ("", 5), ("-o out", 0), ("--help", 0):
        done = subprocess.run(["bash", "-c", script % more], cwd=tmp_path)
        assert done.returncode == status


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400"])
@pytest.mark.parametrize(
    "args",
    [
        "select r -n 1 --mix-random=",
        "select r -n 1 --min-utility=",
        "clean r --near-duplicates=",
    ],
)
def test_numbers_that_are_not_finite_are_refused(alcli, tmp_path, args, value):
    (tmp_path / "r").write_text('{"id":1,"tokens":"a","probs":{"a":1}}\n')
    done = alcli(*f"{args}{value}".split(), cwd=tmp_path)

    assert done.returncode == 2
    assert b"bug" not in done.stderr


def test_names_that_are_no_utf8_spoil_neither_report_nor_checkpoint(tmp_path):
    name = b"r\xff".decode(errors="surrogateescape")
    rows = [{"id": i, "tokens": f"w{i} a", "label": "xy"[i % 2]} for i in range(8)]
    (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    line = [sys.executable, "-m", "alcli", "train", name, "-o", "m", "--report", "r"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True)

    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "r").read_bytes())["inputs"][0]["path"] == name
    info = subprocess.run(
        [*line[:3], "info", "m"], cwd=tmp_path, capture_output=True, check=True
    )
    assert json.loads(info.stdout)["arch"] == "logreg"


@pytest.mark.parametrize("megabytes", [60, 120])
def test_a_limit_below_the_start_of_numpy_is_status_5(tmp_path, megabytes):
    (tmp_path / "r").write_text('{"id":1,"tokens":"a"}\n')
    line = f"ulimit -v {megabytes << 10}; exec {sys.executable} -m alcli clean r"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True)

    assert done.returncode == 5
    assert b"out of memory" in done.stderr
