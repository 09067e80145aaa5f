"""Example with three annotators: tables, records, runs."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CROWD = ROOT / "examples/crowd"


def tables(results, readme):
    call = [sys.executable, "-m", "examples.crowd.tables", results, readme]
    return subprocess.run(call, cwd=ROOT, capture_output=True, text=True)


def test_readme_tables_are_made_from_the_results(tmp_path):
    readme = Path(shutil.copy(CROWD / "README.md", tmp_path))
    assert tables(CROWD / "results.jsonl", readme).returncode == 0
    assert readme.read_bytes() == (CROWD / "README.md").read_bytes()


def test_a_readme_without_marks_is_unchanged(tmp_path):
    (tmp_path / "README.md").write_text("mine\n")
    done = tables(CROWD / "results.jsonl", tmp_path / "README.md")
    assert done.returncode == 1
    assert "no line <!-- tables -->" in done.stderr
    assert (tmp_path / "README.md").read_text() == "mine\n"


def test_means_are_over_the_last_runs_of_all_seeds(tmp_path):
    run = {
        **{
            "crowd": "guesses",
            "merge": "majority",
            "commit": "abc",
            "machine": "a box",
        },
        **{"asked": 100, "labelled": 90, "alpha": 0.5, "spammers": ["gold-3"]},
        "quality": {"gold-1": None, "gold-2": None, "gold-3": None},
    }
    runs = [
        run | {"seed": 0, "right": 0.1, "curve": {"45": 0.1, "90": 0.1}},
        run | {"seed": 0, "right": 0.8, "curve": {"45": 0.5, "90": 0.6}},
        run | {"seed": 1, "right": 0.9, "curve": {"44": 0.6, "91": 0.7}},
    ]
    results = tmp_path / "results.jsonl"
    results.write_text("".join(json.dumps(run) + "\n" for run in runs))
    readme = Path(shutil.copy(CROWD / "README.md", tmp_path))
    assert tables(results, readme).returncode == 0
    text = readme.read_text("utf-8")
    assert "| guesses | majority | 55.0 ± 7.1 | 65.0 ± 7.1 | 2 | abc |" in text
    assert "| 100 ± 0 | 90 ± 0 | 85.0 ± 7.1 | 0.50 ± 0.00 | - | - | - |" in text
    assert "| gold-3 in 2 of 2 |" in text


@pytest.mark.slow
def test_runs_are_made_once(data, tmp_path):
    for name in ("common", "crowd", "loop", "snappfood"):
        unwanted = shutil.ignore_patterns("run", "results.jsonl", "__pycache__")
        copy = tmp_path / "examples" / name
        shutil.copytree(ROOT / "examples" / name, copy, ignore=unwanted)
    shutil.copy(ROOT / "examples/__init__.py", tmp_path / "examples")
    folder = tmp_path / "data/sentipers"
    folder.mkdir(parents=True)
    for part, size in (("train", 1300), ("test", 300)):  # 1000 to stop by, some to ask
        with gzip.open(data(f"sentipers/{part}.jsonl.gz")) as lines:
            head = b"".join(lines.readlines()[:size])
        (folder / f"{part}.jsonl.gz").write_bytes(gzip.compress(head))
    alcli = Path(sys.executable).parent / "alcli"
    settings = ["N=60", "ROUNDS=2", "SEEDS=0", "CROWDS=guesses"]
    call = ["make", f"ALCLI={alcli}", f"PYTHON={sys.executable}", *settings]
    call += [f"ALCLI_DATA={tmp_path}/data"]
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    crowd = tmp_path / "examples/crowd"
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    author = ["-c", "user.name=x", "-c", "user.email=x@x"]
    for args in (["add", "examples"], [*author, "commit", "-qm", "x"]):
        subprocess.run(["git", *args], cwd=tmp_path, check=True)
    for _ in range(2):
        subprocess.run(call, cwd=crowd, env=env, check=True)
    lines = (crowd / "results.jsonl").read_text().splitlines()
    runs = {run["merge"]: run for run in map(json.loads, lines)}
    assert len(lines) == 2
    assert runs.keys() == {"majority", "dawid-skene"}
    assert all(len(run["curve"]) == 2 for run in runs.values())
    assert runs["majority"]["asked"] == 120 >= runs["majority"]["labelled"]
    assert runs["dawid-skene"]["quality"]["gold-1"] > 0.7
    assert "| guesses | dawid-skene |" in (crowd / "README.md").read_text("utf-8")
