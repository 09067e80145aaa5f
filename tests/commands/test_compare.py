"""`alcli compare` as a command: files, output, tables and messages."""

import json
import logging
import re

import pytest

import alcli as package
from alcli.evaluation.compare import log_summary
from alcli.evaluation.comparison.summary import summarise
from tests.evaluation.comparison.simulated import ledger, run


@pytest.fixture
def curves(tmp_path):
    """Write the curves of two strategies into two files."""
    records = ledger({"random": 2, "margin": 6})
    for name in ("random", "margin"):
        lines = [json.dumps(r) + "\n" for r in records if r["tags"]["strategy"] == name]
        (tmp_path / f"{name}.jsonl").write_text("".join(lines))
    return records


def test_files_are_read_as_one_ledger(alcli, tmp_path, curves):
    files = ("random.jsonl", "margin.jsonl")
    done = alcli("compare", *files, cwd=tmp_path, check=True)

    assert json.loads(done.stdout) == summarise(curves)
    assert b"margin: better than random by" in done.stderr


def test_metric_option_and_an_unknown_metric(alcli, tmp_path, curves):
    words = ("compare", "random.jsonl", "margin.jsonl", "--metric", "accuracy")
    done = alcli(*words, cwd=tmp_path, check=True)
    assert json.loads(done.stdout)["metric"] == "accuracy"

    done = alcli(*words[:-1], "nothing", cwd=tmp_path)
    assert done.returncode == 3
    assert b'random.jsonl: the curve has no metric "nothing", but: ' in done.stderr


def test_the_last_record_of_a_key_counts_in_notebooks_too():
    old, new = run("random", 0, [0.5, 0.6]), run("random", 0, [0.7, 0.8])

    [group] = package.compare([*new, *old])["groups"]
    assert group["strategies"][0]["final"]["mean"] == 0.6


def drawn(records, monkeypatch, capsys, caplog, *, columns, terminal=True):
    # what a command that ran in this process before has left to write to
    monkeypatch.setattr(logging.getLogger("alcli"), "handlers", [])
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("COLUMNS", str(columns))
    caplog.set_level("INFO", "alcli")
    log_summary(summarise(records))
    return re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().err).splitlines()


def test_a_table_is_printed_at_a_terminal_only(curves, monkeypatch, capsys, caplog):
    wide = drawn(curves, monkeypatch, capsys, caplog, columns=200)
    [head] = [line.split() for line in wide if "strategy" in line]
    assert (head[0], head[-1]) == ("strategy", "s")
    rows = [line.split()[0] for line in wide if line.startswith("  ") and line.strip()]
    assert rows == ["strategy", "margin", "random"]

    narrow = drawn(curves, monkeypatch, capsys, caplog, columns=80)
    assert sum("strategy" in line for line in narrow) == 2  # each half has the names
    assert not drawn(curves, monkeypatch, capsys, caplog, columns=80, terminal=False)


def test_caveats_are_logged_as_warnings(caplog):
    log_summary(summarise(ledger({"random": 2, "margin": 6}, seeds=3)))

    doubts = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert any("fewer than ten seeds" in text for text in doubts)
