"""`alcli split`; tests/data/test_splitting.py tests the splits themselves."""

import json
import os
from itertools import chain

import pytest

import alcli as library
from alcli.commands.split import command
from alcli.core.errors import UsageError
from alcli.data.settings import SplitSettings, parse_share

POOL = [{"id": f"r{i}", "topic": i % 3, "z": 1.5} for i in range(60)]
LINES = [f'{{"id" : "r{i}","topic":{i % 3},"z":1.50}}\n' for i in range(60)]


@pytest.fixture
def pool(tmp_path):
    path = tmp_path / "pool.jsonl"
    path.write_text("".join(LINES))
    return path


def lines(folder, *names):
    return [(folder / f"{name}.jsonl").read_text().splitlines(True) for name in names]


THREE = ["--share", "test=10", "--share", "stop=0.25", "--share", "rest"]
PATTERN = ["-o", "{}.jsonl"]


def test_every_line_is_in_one_file_unchanged_and_in_order(alcli, pool, tmp_path):
    alcli("split", pool, *THREE, *PATTERN, cwd=tmp_path, check=True)
    parts = lines(tmp_path, "test", "stop", "rest")
    assert [len(part) for part in parts] == [10, 15, 35]
    assert sorted(chain(*parts)) == sorted(LINES)
    for part in parts:
        assert part == sorted(part, key=LINES.index)


def test_the_function_equals_the_command(alcli, pool, tmp_path):
    options = ["--stratify", "topic", "--seed", "3"]
    alcli("split", pool, *THREE, *PATTERN, *options, cwd=tmp_path, check=True)
    shares = {"test": 10, "stop": 0.25, "rest": None}
    parts = library.split(iter(POOL), shares, stratify="topic", seed=3)
    for name, part in parts.items():
        assert [json.loads(line) for line in lines(tmp_path, name)[0]] == part


def test_stdin_is_copied_and_read_twice(alcli, pool, tmp_path):
    alcli("split", pool, *THREE, *PATTERN, cwd=tmp_path, check=True)
    expected = lines(tmp_path, "test", "stop", "rest")
    options = [*THREE, *PATTERN, "--report", "report.json"]
    data = pool.read_bytes()
    done = alcli("split", *options, stdin=data, cwd=tmp_path, check=True)
    assert lines(tmp_path, "test", "stop", "rest") == expected
    assert done.stderr == b"alcli split: 60 read, 60 written\n"
    report = json.loads((tmp_path / "report.json").read_text())
    assert [entry["path"] for entry in report["inputs"]] == ["<stdin>"]
    assert (report["read"], report["written"]) == (60, 60)


def test_a_message_names_the_line_of_stdin(alcli, tmp_path):
    done = alcli("split", *THREE, *PATTERN, stdin=b'{"id":1}\nx\n', cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith(b"alcli split: <stdin>:2: not JSON")
    assert list(tmp_path.iterdir()) == []


def test_records_without_a_share_are_counted(alcli, pool, tmp_path):
    done = alcli("split", pool, "--share", "a=1", *PATTERN, cwd=tmp_path, check=True)
    assert b"60 read, 1 written; left out: 59 no share" in done.stderr


def test_files_appear_in_the_order_of_the_shares(pool, tmp_path, monkeypatch):
    """The last one is a sign that all are complete."""
    moved, replace = [], os.replace

    def watched(part, target):
        moved.append(os.path.basename(target))
        replace(part, target)

    monkeypatch.setattr(os, "replace", watched)
    monkeypatch.chdir(tmp_path)
    arguments = [str(pool), *THREE, *PATTERN]
    command.main(arguments, standalone_mode=False)
    assert moved == ["test.jsonl", "stop.jsonl", "rest.jsonl"]


def test_the_output_may_be_the_input(alcli, tmp_path):
    (tmp_path / "rest.jsonl").write_text("".join(LINES))
    shares = ["--share", "test=10", "--share", "rest"]
    alcli("split", "rest.jsonl", *shares, *PATTERN, cwd=tmp_path, check=True)
    assert [len(part) for part in lines(tmp_path, "test", "rest")] == [10, 50]


def test_a_repeated_id_is_rejected_by_both_passes(alcli, pool, tmp_path):
    bad = ["x\n", '{"id":"r3","again":1}\n', "[]\n"]
    pool.write_text("".join(LINES[:30] + bad[:2] + LINES[30:] + bad[2:]))
    options = ["--skip-invalid", "--rejects", "bad", "--report", "report.json"]
    alcli("split", pool, *THREE, *PATTERN, *options, cwd=tmp_path, check=True)
    assert sorted(chain(*lines(tmp_path, "test", "stop", "rest"))) == sorted(LINES)
    assert (tmp_path / "bad").read_text() == "".join(bad)
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["read"], report["written"]) == (63, 60)
    assert report["dropped"]["invalid"] == 3


def test_shares_larger_than_the_input_leave_the_old_file(alcli, pool, tmp_path):
    (tmp_path / "a.jsonl").write_text("old\n")
    done = alcli("split", pool, "--share", "a=61", *PATTERN, cwd=tmp_path)
    assert done.returncode == 3
    assert b"the shares require 61 records, but there are 60" in done.stderr
    assert lines(tmp_path, "a") == [["old\n"]]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("a", ("a", None)),
        ("a=1", ("a", 1)),
        ("a=1000", ("a", 1000)),
        ("a=1e3", ("a", 1000)),
        ("a=0.3", ("a", 0.3)),
    ],
)
def test_the_size_of_a_share_is_a_number_a_fraction_or_absent(text, share):
    assert parse_share(text) == share


@pytest.mark.parametrize(
    "text",
    ["", "=3", "a=", "a=0", "a=-1", "a=x", "a=nan", "a=inf", "a=1.5", "../a=1", "a/b"],
)
def test_other_shares_are_rejected(text):
    with pytest.raises(UsageError, match="expected NAME, NAME=1000 or NAME=0"):
        parse_share(text)


@pytest.mark.parametrize(
    "arguments",
    [["--share", "a", "-o", "out"], ["--share", "a=1", "--share", "a", "-o", "{}"]],
)
def test_names_of_shares_must_differ_and_be_in_the_pattern(alcli, arguments):
    done = alcli("split", *arguments)
    assert done.returncode == 2
    assert b"-o needs {} for the shares' names, which must differ" in done.stderr


@pytest.mark.parametrize(
    "fields",
    [{"stratify": "id"}, {"group": "id"}, {"stratify": "topic", "group": "topic"}],
)
def test_strata_and_groups_have_different_fields_other_than_the_id(fields):
    with pytest.raises(UsageError, match="must be different fields other than id"):
        SplitSettings(**fields)
