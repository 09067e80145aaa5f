"""The list of command lines: nothing is missing, and what is told from what varies."""

import hashlib
import io
import json
import re
import time
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest

import alcli
from alcli.cli.main import commands
from alcli.data.sources import sources
from alcli.features.topics.methods import methods
from tests.golden import lines
from tests.golden.__main__ import RECORDED, differing, serious, shape
from tests.golden.lines import Line, needed
from tests.golden.steady import Steady

INFO = alcli.info()
OPTIONS = {
    **{"-s": INFO["strategies"], "--signal": INFO["signals"]},
    **{"--until": INFO["criteria"], "--aggregate": INFO["aggregators"]},
    **{"--with": INFO["labelers"], "--from": INFO["formats"], "--to": INFO["formats"]},
    **{"--arch": INFO["architectures"], "--method": methods.names()},
    **{"crawl": sources.names(), "alcli": commands.names()},
}


@pytest.mark.parametrize("option", OPTIONS)
def test_every_command_and_plug_in_has_a_line(option):
    listed, _, _ = lines.read()
    words = {w for line in listed for w in re.split(r"[ =,;|]", line.command)}
    pairs = {
        name
        for line in listed
        for name in re.findall(rf"(?<!\S){option} ([\w-]+)", line.command)
    }

    assert len(listed) >= 200
    assert option in words
    assert set(OPTIONS[option]) <= pairs


def test_every_line_is_recorded_and_nothing_else():
    listed, _, _ = lines.read()
    recorded = json.loads(RECORDED.read_text())

    assert list(recorded["lines"]) == [line.name for line in listed]
    assert {"commit", "machine", "versions"} < set(recorded)


def test_lines_run_with_the_lines_that_write_their_inputs():
    listed = [Line("a", "make x.jsonl"), Line("b", "make y"), Line("c", "use x.jsonl")]
    listed += [Line("d", "use my-x.jsonl"), Line("e", "join y x.jsonl")]
    recorded = {"a": {"file x.jsonl": ""}, "b": {"file y": ""}} | {"c": {}, "d": {}}

    def names(*only):
        return [line.name for line in needed(listed, only, recorded)]

    assert names("c") == ["a", "c"]
    assert names("d") == ["d"]
    assert names("e") == ["a", "b", "e"]
    del recorded["b"]  # nobody knows what it writes
    assert names("c") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("said", "steady"),
    [
        (b'{"seconds": 12.25, "n": 1}', b'{"seconds": ~, "n": 1}'),
        (b'{"seconds":{"train":0.5},"n":1}', b'{"seconds":~,"n":1}'),
        (b'"seconds": 1004.5', b'"seconds": 1004.5'),
        (b'"peak_memory_worker": 4096', b'"peak_memory_worker": ~'),
        (b"http://127.0.0.1:8080/x", b"http://127.0.0.1:~/x"),
        (b"in /tmp/golden-x/work/a", b"in FOLDER/a"),
        (b'\\"versions\\": {\\"a\\": \\"1\\"}', b'\\"versions\\": ~'),
        (b'"{\\"threads\\": 2, \\"a\\": 1}"', b'"{\\"threads\\": ~, \\"a\\": 1}"'),
        (b'"time": "2026-03-01T10:00:00Z"', b'"time": "2026-03-01T10:00:00Z"'),
        (b'"labels": 1234567890', b'"labels": 1234567890'),
    ],
)
def test_times_and_paths_are_masked_but_not_data(said, steady):
    assert Steady("/tmp/golden-x/work").text(said) == steady


def test_times_of_the_run_are_masked():
    run = Steady("/tmp/golden-x/work")
    now = datetime.now(UTC).isoformat()

    assert run.text(f'{{"time":"{now}"}}'.encode()) == b'{"time":"~"}'
    assert run.text(f"[{time.time():.0f}]".encode()) == b"[~]"


def test_hashes_of_files_that_vary_do_not(tmp_path):
    def report(seconds):
        run, data = Steady(tmp_path), f'{{"seconds": {seconds}}}'.encode()
        (tmp_path / "votes").write_bytes(data)
        run.file(tmp_path / "votes")
        return run.text(f'"sha256": "{hashlib.sha256(data).hexdigest()}"'.encode())

    assert report(1.5) == report(2.5)


def test_checkpoints_differ_by_arrays_or_card(tmp_path):
    def view(seconds, value, dim):
        path, array = tmp_path / "m", io.BytesIO()
        np.save(array, np.array([value]))
        card = {"training": {"seconds": seconds}, "dim": dim, "sha256": {"w": seconds}}
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("checkpoint.json", json.dumps(card))
            file.writestr("w.npy", array.getvalue())
        return Steady(tmp_path).file(path)

    assert view(1, 0.5, 3) == view(2, 0.5, 3)
    assert view(1, 0.5, 3) != view(1, 0.6, 3)
    assert view(1, 0.5, 3) != view(1, 0.5, 4)


def test_words_are_distinguished_from_data():
    before = {"status": "0", "stdout": "a", "stderr": "b", "file x": "c"}
    line, help_line = Line("n", "alcli"), Line("h", "alcli --help", words=True)

    assert not differing(before, dict(before))
    assert differing(before, before | {"file y": "d"}) == ["file y"]
    assert differing(before, {"status": "0"}) == ["stdout", "stderr", "file x"]
    assert not serious(line, ["stderr"])
    assert serious(line, ["stderr", "stdout"])
    assert not serious(help_line, ["stderr", "stdout"])
    assert serious(help_line, ["status"])
    assert serious(line, ["file x"])
    assert not differing(shape(before), shape(before | {"stdout": "other"}))
