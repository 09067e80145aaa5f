"""Code shared by the examples: machine, commit, reports, curves, tables."""

import json
import os
import platform
import re
import subprocess

import pytest

from examples.common import commit as commits
from examples.common.curves import read_curves, stopping_round
from examples.common.machine import machine
from examples.common.records import read_records
from examples.common.reports import median_seconds
from examples.common.tables import mean_and_sd, table, write_tables

PYTHON = f"{os.cpu_count()} cores, Python {platform.python_version()}"


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        ("processor\t: 0\nmodel name\t: A: 9\nmodel name\t: B\n", "A: 9"),
        ("processor\t: 0\nCPU part\t: 0xd0c\n", None),  # as ARM has it
        (None, None),
    ],
)
def test_a_processor_has_a_name_everywhere(tmp_path, cpuinfo, name):
    if cpuinfo:
        (tmp_path / "cpuinfo").write_text(cpuinfo)
    name = name or platform.processor() or platform.machine()

    assert machine(tmp_path / "cpuinfo") == f"{name}, {PYTHON}"


def test_a_commit_is_marked_where_the_code_has_changed(tmp_path, monkeypatch):
    def git(*words):
        author = ["-c", "user.name=x", "-c", "user.email=x@x"]
        subprocess.run(["git", *author, *words], cwd=tmp_path, check=True)

    script = tmp_path / "examples/script.py"
    script.parent.mkdir()
    script.write_text("1")
    results = script.with_name("results.jsonl")
    results.write_text("")
    monkeypatch.setattr(commits, "__file__", str(script))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commits.commit() == ""

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    results.write_text("{}")
    assert re.fullmatch("[0-9a-f]+", commits.commit())
    script.write_text("2")
    assert re.fullmatch(r"[0-9a-f]+\+", commits.commit())


def test_seconds_are_medians_of_successful_steps(tmp_path):
    for number, (spent, status) in enumerate([(1, 0), (2.004, 1), (9, 0), (99, 3)]):
        report = {"command": "train", "seconds": spent, "status": status}
        (tmp_path / f"{number}.json").write_text(json.dumps(report))

    assert median_seconds(tmp_path) == {"train": 2.0}


def test_a_torn_last_record_is_ignored(tmp_path):
    (tmp_path / "records.jsonl").write_text('{"id": 1}\n{"id"')

    assert read_records(tmp_path / "records.jsonl") == [{"id": 1}]


def test_curves_are_rounds_in_order_without_baselines(tmp_path):
    tags = [{"run": "a", "round": "10"}, {"run": "a", "round": "9"}, {"run": "b"}]
    lines = "".join(
        json.dumps({"key": i, "tags": t}) + "\n" for i, t in enumerate(tags)
    )
    (tmp_path / "curve.jsonl").write_text(lines)

    [curve] = read_curves(tmp_path / "curve.jsonl")
    assert [record["key"] for record in curve] == [1, 0]


def test_a_criterion_stops_at_its_first_round_or_never():
    curve = [{"key": str(n), "labels": n, "metrics": {}} for n in (10, 20, 30)]

    assert stopping_round(curve, "labels=20") == 1
    assert stopping_round(curve, "labels=40") is None


def test_mean_and_sd():
    assert mean_and_sd([1234.5]) == "1,234.5"
    assert mean_and_sd([1, 2], places=2) == "1.50 ± 0.71"


def test_tables_replace_the_text_between_the_marks(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- tables -->\nold\n<!-- end of tables -->\nb\n")
    write_tables(readme, "\n".join(table(["x", "y"], [["1", "2"]])))

    body = "| x | y |\n|---|---|\n| 1 | 2 |"
    marked = f"<!-- tables -->\n\n{body}\n\n<!-- end of tables -->"
    assert readme.read_text() == f"a\n{marked}\nb\n"


@pytest.mark.parametrize(
    "text", ["mine\n", "<!-- end of tables -->\n<!-- tables -->\n"]
)
def test_a_readme_without_marks_is_unchanged(tmp_path, text):
    (tmp_path / "README.md").write_text(text)

    with pytest.raises(SystemExit, match=r"README\.md: no line <!-- tables -->"):
        write_tables(tmp_path / "README.md", "a table")
    assert (tmp_path / "README.md").read_text() == text
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
