"""The fixtures that all other tests lean on."""

import json

import pytest


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_absent_data(data, monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    either = (pytest.skip.Exception, pytest.fail.Exception)  # or this test is skipped
    with pytest.raises(either, match=r"no real data.*nowhere\.jsonl") as absent:
        data("nowhere.jsonl")
    assert absent.type is outcome


def test_alcli_reads_what_it_is_given_where_it_is_told(alcli, tmp_path):
    line = json.dumps({"id": "1", "tokens": "a b"}).encode() + b"\n"
    done = alcli("clean", "-o", "kept.jsonl", stdin=line, cwd=tmp_path, check=True)
    assert done.stdout == b""
    assert (tmp_path / "kept.jsonl").read_bytes() == line


def test_stdin_is_empty_by_default(alcli):
    done = alcli("clean", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_check_shows_what_went_wrong(alcli):
    with pytest.raises(pytest.fail.Exception, match=r"status 2: .*no-such"):
        alcli("clean", "--no-such", check=True)


def test_byte_code_is_not_switched_off(alcli, tmp_path, monkeypatch):
    """A module stands in for the package: it says what the process sees."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "alcli.py").write_text("import sys; print(sys.dont_write_bytecode)")
    assert alcli(cwd=tmp_path, check=True).stdout == b"False\n"
