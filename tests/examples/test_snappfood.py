"""Snappfood example: tables, paths with spaces."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples/reviews/reviews.jsonl"
TWO_CLASSES = [
    line
    for line in SAMPLE.read_bytes().splitlines(keepends=True)
    if json.loads(line)["label"] != "neutral"
]


def test_readme_tables_are_made_from_the_results():
    example = ROOT / "examples/snappfood"
    call = [sys.executable, "-m", "examples.snappfood.tables"]
    call.append(example / "results.jsonl")
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout in (example / "README.md").read_text("utf-8")


@pytest.mark.slow
def test_all_paths_may_have_spaces(tmp_path):
    work, data = tmp_path / "my work/examples", tmp_path / "my data"
    for name in ("common", "snappfood", "loop"):
        unwanted = shutil.ignore_patterns("run", "results.jsonl", "__pycache__")
        shutil.copytree(ROOT / "examples" / name, work / name, ignore=unwanted)
    shutil.copy(ROOT / "examples/__init__.py", work)
    (data / "snappfood").mkdir(parents=True)
    for name, lines in (("train", TWO_CLASSES[:400]), ("test", TWO_CLASSES[400:500])):
        with gzip.open(data / "snappfood" / f"{name}.jsonl.gz", "wb") as file:
            file.writelines(lines)
    (tmp_path / "my bin").mkdir()
    (tmp_path / "my bin/alcli").symlink_to(Path(sys.executable).parent / "alcli")
    call = [
        *("make", "STRATEGIES=margin", "N=40", "LABELS=80", "STOP=50"),
        *(f"ALCLI={tmp_path}/my bin/alcli", f"PYTHON={sys.executable}"),
        f"ALCLI_DATA={data}",
    ]
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    options = {"cwd": work / "snappfood", "env": env}
    done = subprocess.run(call, capture_output=True, text=True, **options)

    assert done.returncode == 0, done.stderr
    record = json.loads((work / "snappfood/results.jsonl").read_text())
    assert list(record["curve"]) == ["40", "80"]
    assert {"train", "score", "select"} <= record["seconds"].keys()
    assert "margin, seed 0" in done.stdout
