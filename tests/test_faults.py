"""Bad input, full disks and signals: every row of `faults.toml`.

What holds for each row: the status, what stderr says, that stderr is lines of messages
and never a traceback, what stands on disk afterwards, and that nothing else does.
"""

from __future__ import annotations

import bz2
import fcntl
import gzip
import hashlib
import io
import json
import lzma
import os
import random
import re
import resource
import shlex
import signal
import stat
import struct
import subprocess
import sys
import termios
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest

from alcli.cli.main import commands, group
from alcli.core.container import CARD
from alcli.core.errors import CheckpointError
from alcli.features.topics.fitted import FittedTopics
from alcli.features.vector_files import vector_writer
from alcli.models.checkpoint import Checkpoint
from tests.forks import ONE_THREAD, Forks, Job
from tests.waiting import asleep, until

TABLE = tomllib.loads(Path(__file__).with_name("faults.toml").read_text())
COMMANDS, COMMON, ROWS = TABLE["commands"], TABLE["common"], TABLE["rows"]
NEEDS = {
    "records",
    "stdin",
    "plain-input",
    "output",
    "replaced-output",
    "one-output",
    "stdout",
    "skip-invalid",
}
OPPOSITES = {"ledger-input": "plain-input"}
OLD = "old\n"


# --- Running alcli ---


@dataclass
class Done:
    status: int
    out: bytes
    err: str


class Runner:
    """Runs `alcli` by forks: processes that need not load the packages."""

    def __init__(self, forks: Forks) -> None:
        self.forks = forks
        self.env = os.environ | ONE_THREAD
        for name in ("ALCLI_JOBS", "PYTHONUNBUFFERED"):
            self.env.pop(name, None)

    def start(
        self,
        args: list[str],
        cwd: Path,
        stdin: int | None = None,
        stdout: int | None = None,
        limit: int = 0,
        whole: bool = False,
    ) -> Job:
        """Start a process; stderr and stdout go to files."""
        with ExitStack() as stack:
            self.out = (cwd / ".stdout").open("wb+")
            self.err = (cwd / ".stderr").open("wb+")
            if stdin is None:
                stdin = stack.enter_context(Path(os.devnull).open("rb")).fileno()
            streams = [
                stdin,
                self.out.fileno() if stdout is None else stdout,
                self.err.fileno(),
            ]
            how = {"cwd": cwd, "env": self.env, "limit": limit, "whole": whole}
            return self.forks.start(args, streams, **how)

    def wait(self, job: Job) -> Done:
        with self.out as out, self.err as err, job:
            status = job.wait()
            out.seek(0)
            err.seek(0)
            return Done(status, out.read(), err.read().decode())

    def __call__(self, line: str, cwd: Path, **how: Any) -> Done:
        return self.wait(self.start(shlex.split(line), cwd, **how))


@pytest.fixture(scope="session")
def run(forks: Forks) -> Runner:
    return Runner(forks)


# --- What rows work on ---


@pytest.fixture(scope="session")
def made(run: Runner, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with valid input of every kind, and with bad checkpoints."""
    folder = tmp_path_factory.mktemp("made")
    rng = random.Random(0)
    words = [f"word{number}" for number in range(12)]
    with (folder / "raw.jsonl").open("w") as file:
        for number in range(1, 41):
            label = ("bad", "good")[number % 2]
            text = f"{label} marker {number} {' '.join(rng.choices(words, k=5))}"
            record = {"id": f"r{number:02}", "label": label, "text": text}
            file.write(json.dumps(record | {"note": "plain"}) + "\n")
    with (folder / "curve.jsonl").open("w") as file:
        for number in range(1, 41):
            metrics = {"macro_f1": 0.5 + number / 100}
            tags = {"tags": {"marker": "plain"}, "note": "plain"}
            record = {"key": f"r{number:02}", "labels": number, "metrics": metrics}
            file.write(json.dumps(record | tags) + "\n")
    for line in (
        "normalize raw.jsonl --language any -o pool.jsonl",
        "train pool.jsonl -o good.model",
        "train raw.jsonl --field text -o text.model",
        "train pool.jsonl --class bad --class good --class odd -o three.model",
        "topics pool.jsonl --set topics=2 --set min_count=1 --set max_share=1.0 "
        "--set stopwords=none --save topics.model -o topics.jsonl",
        "score pool.jsonl -m good.model --vectors vectors.arrow -o scored.jsonl",
        "score pool.jsonl -m three.model --vectors three.arrow -o three.jsonl",
        "label pool.jsonl --with gold --gold pool.jsonl --append votes.jsonl",
        "simulate pool.jsonl --test-size 10 -n 5 --seeds 4 "
        "--arch logreg,min_count=1,max_share=1.0 --append simulated.jsonl",
    ):
        done = run(line, folder)
        assert done.status == 0, done.err
    spoil(folder)
    return folder


def spoil(folder: Path) -> None:
    """Make checkpoints that cannot be read, a cut file of ids, and huge vectors."""
    with vector_writer(str(folder / "long.arrow")) as put:
        put(["r01", "r02"], np.full((2, 3), 1e25, np.float32), "m")
    good = (folder / "good.model").read_bytes()
    (folder / "cut.model").write_bytes(good[: len(good) // 2])
    (folder / "empty.model").touch()
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    card = json.loads(parts[CARD])

    def write(name: str, card: Mapping[str, Any], parts: Mapping[str, bytes]) -> None:
        with zipfile.ZipFile(folder / name, "w") as archive:
            for part, data in {**parts, CARD: json.dumps(card).encode()}.items():
                archive.writestr(part, data)

    write("later.model", {"format": 99, "parts": []}, {})
    write("parted.model", card | {"sha256": {}}, parts)
    write("family.model", card | {"family": "../../x"}, parts)
    pickle = b"\x80\x04cos\nsystem\n(S'touch out/stolen'\ntR."
    digests = card["sha256"] | {"model.npz": hashlib.sha256(pickle).hexdigest()}
    write("pickle.model", card | {"sha256": digests}, parts | {"model.npz": pickle})
    with zipfile.ZipFile(folder / "any.zip", "w") as archive:
        archive.writestr("x", "y")
    packed = gzip.compress((folder / "pool.jsonl").read_bytes())
    (folder / "cut.jsonl.gz").write_bytes(packed[:-20])


CHANGES = """How `input.jsonl` differs from the valid input; `line` is the number of the
line that is changed (1 is the first):

to             what stands there instead
swap           [old, new]: every `old` in it is replaced
twice          the line stands there twice, with this between
repeat, times  it is this, so many times
nested         it has a field more, of so many arrays in each other
line_18        what stands in line 18 instead
lines_17       lines that are put in before line 17
lines          so many lines are kept
head           what comes before everything
newline        what ends a line
encoding       of the file
cut            so many bytes less at the end
gzip, bz2, xz, zst   packed, then so many bytes less
name           the file has another name, which the command line then has too
megabyte       one record with a text of a megabyte, of `word`
"""


def changed(valid: list[str], change: Mapping[str, Any]) -> bytes:
    """Return the input of a row (see CHANGES)."""
    lines = valid[: change.get("lines", len(valid))]
    if "line" in change:
        place = change["line"] - 1
        lines[place] = _changed_line(lines[place], change)
    if "line_18" in change:
        lines[17] = change["line_18"]
    if "megabyte" in change:
        word = change.get("word", "word")
        text = f"{word} " * ((1 << 20) // len(word.encode()))
        lines = [json.dumps({"text": text}, ensure_ascii=False)]
    lines[16:16] = change.get("lines_17", [])
    newline = change.get("newline", "\n")
    text = change.get("head", "") + "".join(line + newline for line in lines)
    data = text.encode(change.get("encoding", "utf-8"))
    return data[: len(data) - change.get("cut", 0)]


def _changed_line(line: str, change: Mapping[str, Any]) -> str:
    if "to" in change:
        return str(change["to"])
    if "swap" in change:
        old, new = change["swap"]
        assert old in line
        return line.replace(old, new)
    if "twice" in change:
        return f"{line}{change['twice']}{line}"
    if "nested" in change:
        depth = change["nested"]
        return f'{{"deep":{"[" * depth}{"]" * depth},{line[1:]}'
    return str(change["repeat"] * change["times"])


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: bytes(pyarrow.compress(data, "zstd", asbytes=True)),
}
SUFFIXES = {"gzip": "gz"}


class Case:
    """A row in a folder of its own."""

    def __init__(self, name: str, row: Mapping[str, Any], folder: Path, made: Path):
        self.command = COMMANDS[name]
        self.row, self.folder = row, folder
        self.line = row.get("run", self.command["run"])
        self.line += f" {row['more']}" if "more" in row else ""
        self.outputs = self._outputs()
        (folder / "out").mkdir()
        for file in made.iterdir():
            if not file.name.startswith("."):
                (folder / file.name).symlink_to(file)
        for file_name, lines in row.get("files", {}).items():
            text = lines if isinstance(lines, str) else "".join(f"{x}\n" for x in lines)
            (folder / file_name).unlink(missing_ok=True)
            (folder / file_name).write_text(text)
        self.old: str = row.get("old", self.command.get("old", OLD.strip()) + "\n")
        if self.old:
            for output in self.outputs:
                (folder / output).write_text(self.old)
        self._make_input(made)

    def _outputs(self) -> list[str]:
        found = self.row.get("outputs", self.command.get("outputs"))
        if found is not None:
            return list(found)
        words = [w for w in shlex.split(self.command["run"]) if w.startswith("out/")]
        return words[-1:]

    def _make_input(self, made: Path) -> None:
        if "input" not in self.command:
            return
        valid = (made / self.command["input"]).read_text().splitlines()
        if "lines" in self.row:
            data = "".join(f"{line}\n" for line in self.row["lines"]).encode()
        else:
            data = changed(valid, self.row.get("change", {}))
        name = self.row.get("change", {}).get("name", "input.jsonl")
        for kind, pack in PACKERS.items():
            if kind in self.row.get("change", {}):
                packed = pack(data)
                data = packed[: len(packed) - self.row["change"][kind]]
                name += f".{SUFFIXES.get(kind, kind)}"
        self.input = self.folder / name
        self.input.parent.mkdir(exist_ok=True)
        self.input.write_bytes(data)
        if name != "input.jsonl" and "as" not in self.row:
            self.line = self.line.replace("input.jsonl", name)

    def read(self) -> dict[str, bytes]:
        """Return what stands in the outputs."""
        found = {}
        for output in self.outputs:
            path = self.folder / output
            if path.is_file():
                found[output] = path.read_bytes()
        return found

    def litter(self) -> set[str]:
        """Return what stands beside the outputs and should not."""
        wanted = {Path(output).name for output in self.outputs}
        if "rejects" in self.row:
            wanted.add("bad")
        return {path.name for path in (self.folder / "out").iterdir()} - wanted


def meaning(data: bytes) -> Any:
    """Return what two runs have in common: records and checkpoints, without times."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            card = json.loads(archive.read(CARD))
        return _timeless(card, {"seconds", "time", "inputs"})
    return [
        _timeless(json.loads(line), {"seconds", "time"})
        for line in data.decode().split("\n")
        if line and line != OLD.strip()
    ]


def _timeless(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {k: _timeless(v, names) for k, v in value.items() if k not in names}
    return [_timeless(v, names) for v in value] if isinstance(value, list) else value


@pytest.fixture(scope="session")
def reference(
    run: Runner, made: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, bytes]]:
    """Return what a command writes where nothing is wrong."""
    found: dict[str, dict[str, bytes]] = {}

    def of(name: str) -> dict[str, bytes]:
        if name not in found:
            case = Case(name, {}, tmp_path_factory.mktemp("reference"), made)
            done = run(case.line, case.folder)
            assert done.status == 0, done.err
            assert not case.litter()
            found[name] = case.read() if case.outputs else {"": done.out}
        return found[name]

    return of


# --- The rows ---


def rows() -> Iterator[Any]:
    for command, settings in COMMANDS.items():
        for name, row in COMMON.items():
            lacking = set(settings.get("lacks", {}))
            if "records" in lacking:
                lacking |= {"stdin", "plain-input", "skip-invalid"}
            if "output" in lacking:
                lacking |= {"replaced-output", "one-output"}
            unmet = {
                need
                for need in row.get("needs", ())
                if (need in lacking)
                or (
                    need in OPPOSITES
                    and OPPOSITES[need] not in settings.get("lacks", {})
                )
            }
            if not unmet:
                yield pytest.param(command, row, id=f"{command}-{name}")
    for command, found in ROWS.items():
        for name, row in found.items():
            marks = [pytest.mark.slow] if row.get("slow") else []
            yield pytest.param(command, row, id=f"{command}-{name}", marks=marks)


@pytest.mark.parametrize(("name", "row"), list(rows()))
def test_row(name, row, run, made, reference, tmp_path):
    no_lines = row.get("as_empty") or row.get("change", {}).get("lines") == 0
    if no_lines and "status" not in row and "says" not in row:
        row = row | COMMANDS[name].get("empty", {})
    case = Case(name, row, tmp_path, made)
    if "signal" in row:
        check_signal(case, name, run, reference)
        return
    with ExitStack() as stack:
        redirected = redirect(case, stack, reference, name)
        whole = row.get("to") in ("stdout", "closed")  # Python flushes it once more
        limits = {"limit": limit_of(case), "whole": whole}
        done = run(case.line, tmp_path, **limits, **redirected.streams)
        got = redirected.read() if redirected.read else None
    check_words(case, done)
    check_files(case, name, done, reference, got)


def limit_of(case: Case) -> int:
    old = len(case.old) if case.old else 0
    return case.row["limit"] + old if "limit" in case.row else 0


@dataclass
class Redirected:
    streams: dict[str, int]
    read: Callable[[], bytes] | None = None


def redirect(
    case: Case, stack: ExitStack, reference: Callable[..., Any], name: str
) -> Redirected:
    """Do what `from` and `to` of a row say; return the streams of the process."""
    streams: dict[str, int] = {}
    source, target = case.row.get("from"), case.row.get("to")
    if source == "input":
        case.line = case.line.replace("input.jsonl", "-")
        streams["stdin"] = stack.enter_context(case.input.open("rb")).fileno()
    elif source == "terminal":
        case.line = case.line.replace(" input.jsonl", "")
        ours, streams["stdin"] = os.openpty()
        stack.callback(os.close, ours)
        stack.callback(os.close, streams["stdin"])
    read = None
    out = case.folder / case.outputs[0] if case.outputs else None
    if target in ("nowhere", "pool.jsonl"):
        case.line = case.line.replace("out/", f"{target}/")
    elif target in ("stdout", "closed"):
        case.line = re.sub(r" -o \S+", "", case.line)
        if target == "closed":
            gone, streams["stdout"] = os.pipe()
            os.close(gone)
            stack.callback(os.close, streams["stdout"])
        elif "limit" not in case.row:
            for path in case.folder.glob("out/*"):
                path.unlink()
    elif target == "input":
        make_input_of(case, name, reference)
    elif target == "link":
        for output in case.outputs:
            path = case.folder / output
            real = case.folder / f"real-{path.name}"
            path.rename(real)
            real.chmod(0o640)
            path.symlink_to(f"../{real.name}")
    elif target == "pipe":
        assert out
        out.unlink()
        os.mkfifo(out)
        pipe = os.open(out, os.O_RDWR)
        fcntl.fcntl(pipe, getattr(fcntl, "F_SETPIPE_SZ", 1031), 1 << 20)
        stack.callback(os.close, pipe)
        read = lambda: os.read(pipe, waiting(pipe))  # noqa: E731
    elif target == "/dev/null":
        assert out
        out.unlink()
        out.symlink_to("/dev/null")
    elif target == "folder":
        assert out
        out.unlink()
        out.mkdir()
    elif target == "locked":
        for output in case.outputs:
            folder, name = os.path.split(output)
            part = stack.enter_context(
                (case.folder / folder / f".{name}.alcli-part").open("w")
            )
            fcntl.flock(part, fcntl.LOCK_EX)
    return Redirected(streams, read)


def make_input_of(case: Case, name: str, reference: Callable[..., Any]) -> None:
    """Let the output be the input too: an earlier run's, or a copy."""
    out = case.folder / case.outputs[0]
    if "run" in case.row:
        out.write_bytes(reference(name)[case.outputs[0]])
    else:
        out.write_bytes(case.input.read_bytes())
        case.line = case.line.replace("input.jsonl", case.outputs[0])


def waiting(pipe: int) -> int:
    """Return how many bytes in a pipe nobody has read."""
    size: int = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]
    return size


def check_words(case: Case, done: Done) -> None:
    row = case.row
    assert "Traceback" not in done.err, done.err
    assert done.status == row.get("status", 0), done.err
    if "says" in row:
        assert re.search(row["says"], done.err), done.err
    if done.status == 0 and row.get("silent"):
        assert done.err == ""
    messages = [line for line in done.err.splitlines() if line]
    if row.get("from") == "terminal":
        messages = messages[-1:]
    assert all(line.startswith("alcli") for line in messages), done.err
    if done.status:
        assert messages
        assert len(messages[-1]) < 1000


def check_files(
    case: Case, name: str, done: Done, reference: Callable[..., Any], got: bytes | None
) -> None:
    row, found = case.row, case.read()
    target = row.get("to")
    expected = row.get("output", "new" if done.status == 0 else "kept")
    if target == "folder":
        (case.folder / case.outputs[0]).rmdir()
        return
    if target == "locked":
        for output in case.outputs:
            folder, file = os.path.split(output)
            (case.folder / folder / f".{file}.alcli-part").unlink()
    if target == "pipe":
        assert stat.S_ISFIFO((case.folder / case.outputs[0]).stat().st_mode)
        found = {case.outputs[0]: got or b""}
    if target == "/dev/null":
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
        assert os.readlink(case.folder / case.outputs[0]) == "/dev/null"
        assert not case.litter()
        return
    if target == "link":
        for output in case.outputs:
            path = case.folder / output
            assert path.is_symlink()
            assert stat.S_IMODE(path.stat().st_mode) == 0o640
    if target == "stdout" and "limit" not in row:
        found = {case.outputs[0]: done.out}
    elif target != "stdout" and case.outputs:
        assert done.out == b""
    if row.get("old") is False and done.status:
        ledger = "replaced-output" in case.command.get("lacks", {})
        expected = "empty" if ledger else "none"
    assert not case.litter(), "litter"
    if target == "closed":
        return
    if not case.outputs:
        if expected == "same":
            assert done.out == reference(name)[""]
    else:
        check_content(case, name, found, expected, reference)
    for pattern in row.get("has", ()):
        assert re.search(pattern, "".join(data.decode() for data in found.values()))
    if "rejects" in row and done.status in (0, 6):
        lines = "".join(f"{line}\n" for line in row["rejects"])
        encoding = row.get("change", {}).get("encoding", "utf-8")
        assert (case.folder / "out/bad").read_bytes() == lines.encode(encoding)
    if "report" in row:
        report = json.loads((case.folder / "report.json").read_text())
        assert report["status"] == done.status
        assert bool(report["error"]) == bool(done.status)


def check_content(
    case: Case,
    name: str,
    found: Mapping[str, bytes],
    expected: str | int,
    reference: Callable[..., Any],
) -> None:
    if expected == "none":
        assert not found
        return
    assert set(found) == set(case.outputs)
    if expected == "kept":
        assert set(found.values()) == {case.old.encode()}
        return
    if expected == "input":
        assert found[case.outputs[0]] == case.input.read_bytes()
        return
    assert not case.old or case.old.encode() not in found.values()
    if expected == "empty":
        assert set(found.values()) == {b""}
        return
    for output, data in found.items():
        assert no_key_twice(data), output
        if isinstance(expected, int):
            assert data.count(b"\n") == expected
            continue
        wanted = reference(name)[output]
        if expected == "same":
            assert meaning(data) == meaning(wanted)
        elif expected == "as many":
            fewer = int("old" in case.command and case.row.get("old") is False)
            lines = wanted.count(b"\n") - fewer
            assert data.startswith(b"PK") or data.count(b"\n") == lines


def no_key_twice(data: bytes) -> bool:
    """Say whether no record has a key twice that alcli writes."""

    def check(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs if name != "note"]
        assert len(names) == len(set(names)), names
        return dict(pairs)

    if not data.startswith(b"PK"):
        for line in data.decode().split("\n")[:-1]:
            json.loads(line, object_pairs_hook=check)
    return True


def check_signal(
    case: Case, name: str, run: Runner, reference: Callable[..., Any]
) -> None:
    """Let a process read half of its input from a pipe, and end it there."""
    number = signal.Signals[case.row["signal"]]
    data = case.input.read_bytes()
    case.input.unlink()
    os.mkfifo(case.input)
    pipe = os.open(case.input, os.O_RDWR)
    try:
        job = run.start(shlex.split(case.line), case.folder)
        with job:
            os.write(pipe, data[: len(data) // 2])
            # until it has read, and waits for more
            until(lambda: not waiting(pipe) and asleep(job.pid), job.poll)
            job.send_signal(number)
            done = run.wait(job)
    finally:
        os.close(pipe)
    assert done.status == -number
    assert done.err == ""
    check_kept(case)
    if number != signal.SIGKILL:
        assert not case.litter()
        return
    parts = {f".{Path(output).name}.alcli-part" for output in case.outputs}
    assert case.litter() <= parts
    case.input.unlink()
    case.input.write_bytes(data)
    again = run(case.line, case.folder)
    assert again.status == 0, again.err
    assert not case.litter()
    for output, found in case.read().items():
        assert meaning(found) == meaning(reference(name)[output])


def check_kept(case: Case) -> None:
    assert set(case.read().values()) <= {case.old.encode()}
    assert len(case.read()) == len(case.outputs)


# --- The table itself ---


def test_every_command_has_its_line():
    assert {name.split()[0] for name in COMMANDS} == set(commands.names())


def test_needs_are_known():
    for settings in COMMANDS.values():
        assert set(settings.get("lacks", {})) <= NEEDS
    for row in COMMON.values():
        assert set(row.get("needs", ())) <= NEEDS | set(OPPOSITES)
    assert set(ROWS) <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_lists_the_options_that_a_command_lacks(name):
    command = group.get_command(None, name.split()[0])
    options = {option for param in command.params for option in param.opts}
    lacks = COMMANDS[name].get("lacks", {})
    assert ("--skip-invalid" in options) == (
        not lacks.keys() & {"skip-invalid", "records"}
    )
    assert ("--output" in options) or "output" in lacks or "replaced-output" in lacks


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_full_disk_behind_stdout(unbuffered, tmp_path):
    """Where Python does not buffer, a write may be cut without an error."""
    with (tmp_path / "out").open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "alcli", "info"],
            stdout=out,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
        )
    assert done.returncode == 5
    assert done.stderr == b"alcli info: File too large\n"


# --- Damaged checkpoints ---


def tokens_of(path: Path) -> list[str]:
    return [json.loads(line)["tokens"] for line in path.read_text().splitlines()]


def test_a_changed_byte_is_found_or_changes_nothing(made, tmp_path):
    texts = tokens_of(made / "pool.jsonl")
    good = (made / "good.model").read_bytes()
    expected = Checkpoint.load(str(made / "good.model"))
    answer = expected.predict(texts).probs.tolist()
    path = tmp_path / "changed.model"
    refused = 0
    for place in range(len(good)):
        data = bytearray(good)
        data[place] ^= 1 << place % 8
        path.write_bytes(data)
        try:
            found = Checkpoint.load(str(path))
        except CheckpointError:
            refused += 1
            continue
        assert found.labels == expected.labels, place
        assert found.predict(texts).probs.tolist() == answer, place
    assert refused > 0.8 * len(good)


def test_changed_topics_are_found_or_change_nothing(made, tmp_path):
    good = (made / "topics.model").read_bytes()
    texts = tokens_of(made / "pool.jsonl")
    answer = (
        FittedTopics.load(str(made / "topics.model")).topics.assign(texts)[0].tolist()
    )
    path = tmp_path / "changed.model"
    for place in range(0, len(good), 7):
        data = bytearray(good)
        data[place] ^= 1 << place % 8
        path.write_bytes(data)
        try:
            found = FittedTopics.load(str(path)).topics
        except CheckpointError:
            continue
        assert found.assign(texts)[0].tolist() == answer, place


def test_a_cut_checkpoint_is_found(made, tmp_path):
    good = (made / "good.model").read_bytes()
    for size in range(0, len(good), 11):
        (tmp_path / "cut.model").write_bytes(good[:size])
        with pytest.raises(CheckpointError):
            Checkpoint.load(str(tmp_path / "cut.model"))
