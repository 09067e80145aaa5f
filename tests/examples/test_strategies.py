"""Comparison of strategies: tables, stopping, lengths."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STRATEGIES = ROOT / "examples/strategies"
MODULE = [sys.executable, "-m"]


CURVES = {
    "margin": [0.3, 0.4, 0.5, 0.5, 0.5, 0.5, 0.6],
    "random": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
}
STOP_SET = {
    **{"ids": "one", "n": 4, "pred": "AAEAAQ=="},
    **{"confidence_mean": 0.9, "confidence_variance": 0.01},
    **{"entropy_mean": 0.2, "entropy_max": 0.3},
}


def tables(results, readme):
    call = [*MODULE, "examples.strategies.tables", results, readme]
    return subprocess.run(call, cwd=ROOT, capture_output=True, text=True)


def test_readme_tables_are_made_from_the_results(tmp_path):
    readme = Path(shutil.copy(STRATEGIES / "README.md", tmp_path))
    assert tables(STRATEGIES / "results.jsonl", readme).returncode == 0
    assert readme.read_bytes() == (STRATEGIES / "README.md").read_bytes()


def test_a_readme_without_marks_is_unchanged(tmp_path):
    (tmp_path / "README.md").write_text("mine\n")
    done = tables(STRATEGIES / "results.jsonl", tmp_path / "README.md")
    assert done.returncode == 1
    assert (tmp_path / "README.md").read_text() == "mine\n"


def test_the_last_run_counts_and_unreached_targets_are_dashes(tmp_path):
    against = {
        "area": 0.0213,
        "interval": [0.01, 0.03],
        "p_holm": 0.0117,
        "verdict": "better",
        "saving": {"share": 0.4, "interval": [None, 0.5]},
    }
    spent = {"train": 1.0, "score": 0.25, "select": 0.25}
    random = {
        "memory": 432_100_000,
        "strategy": "random",
        "seeds": 10,
        "area": {"mean": 0.5, "sd": 0.01},
        "final": {"mean": 0.6, "sd": None},
        "labels_to": {"paper": None, "strong": {"95": 1200, "99": None}},
        "seconds": spent,
        "against_random": None,
        "against_margin": None,
    }
    run = {
        **{"data": "set", "arch": "cnn", "n": 10, "between": [10, 2000]},
        **{"rounds": 1234, "steps": 50, "seconds": 60, "commit": "abc"},
        **{"machine": "a box", "warnings": ["doubt it"]},
        "baselines": {
            "paper": None,
            "strong": {"mean": 0.7, "sd": 0.0, "arch": "cnn", "labels": 9, "seeds": 2},
            "logreg": None,
        },
        "strategies": [random, random | {"strategy": "x", "against_random": against}],
    }
    results = tmp_path / "results.jsonl"
    rows = [run | {"commit": "old"}, run]
    results.write_text("".join(json.dumps(row) + "\n" for row in rows))
    readme = Path(shutil.copy(STRATEGIES / "README.md", tmp_path))

    assert tables(results, readme).returncode == 0
    text = readme.read_text("utf-8")
    assert "- strong baseline: 70.0 ± 0.0 by cnn, 9 labels, 2 seeds" in text
    assert "- doubt it" in text
    assert "| random | 50.0 ± 1.0 | - | - | - | 1,200 | - | - | 60.0 | 0.50 |" in text
    assert "| x | 50.0 ± 1.0 | +2.1 (+1.0 to +3.0) | 0.012, better | - |" in text
    assert "| 40% (- to 50%) | 60.0 | 0.50 | 1.00 | 432 MB |" in text
    assert "old" not in text.partition("tables -->")[2].partition("<!-- end")[0]


def test_stops_of_criteria_and_their_losses(tmp_path):
    """A curve that is flat from its third round, and one that never is."""
    (tmp_path / "set.logreg.curve.jsonl").write_text(
        "".join(
            json.dumps(
                {
                    "key": f"{name}{place}",
                    "labels": 100 * (place + 1),
                    "metrics": {"macro_f1": score},
                    "confusion": {"labels": ["a", "b"]},
                    "batch": {"asked": 100, "labelled": {"a": 50, "b": 50}},
                    "stop_set": STOP_SET,
                    "tags": {"run": name, "strategy": name, "round": str(place)},
                }
            )
            + "\n"
            for name, scores in CURVES.items()
            for place, score in enumerate(scores)
        )
        + json.dumps({"tags": {"baseline": "paper"}, "metrics": {}, "labels": 9})
        + "\n"
    )
    call = [*MODULE, "examples.strategies.stopping", tmp_path, "set.logreg"]
    options = {"cwd": ROOT, "capture_output": True, "text": True, "check": True}
    done = subprocess.run(call, **options)
    told = json.loads(done.stdout)
    plateau = told["criteria"]["plateau"]
    assert plateau["margin"] == {
        **{"runs": 1, "stopped": 1, "labels": 600, "labels_of_best": 700},
        **{"lost": 0.1, "most_lost": 0.1},
    }
    assert plateau["all"] == plateau["margin"] | {"runs": 2}
    # the stop set never changes: three agreements are there in the fourth round
    stable = told["criteria"]["stabilising-predictions"]["all"]
    assert (stable["stopped"], stable["labels"]) == (2, 400)
    assert stable["lost"] == 0.2
    assert not {"labels", "rounds", "seconds"} & told["criteria"].keys()

    readme = Path(shutil.copy(STRATEGIES / "README.md", tmp_path))
    (tmp_path / "results.jsonl").write_text(done.stdout)
    assert tables(tmp_path / "results.jsonl", readme).returncode == 0
    row = "| plateau | 1 of 2 | 600 | 700 | 10.0 | 10.0 | 1 of 1 | 600 | 700 | 10.0 |"
    assert row in readme.read_text("utf-8")


@pytest.mark.slow  # trains networks
def test_lengths_of_selected_texts(tmp_path):
    pool = [
        {"id": i, "tokens": " ".join([word] * (1 + i % 5)), "label": word}
        for i, word in enumerate(["bad", "good", "odd"] * 250)
    ]
    for data in ("sentipers", "trec"):
        lines = "".join(json.dumps(record) + "\n" for record in pool)
        (tmp_path / f"{data}.pool.jsonl").write_text(lines)
    call = [*MODULE, "examples.strategies.lengths", tmp_path]
    options = {"cwd": ROOT, "capture_output": True, "text": True, "check": True}
    said = subprocess.run(call, **options).stdout
    asked = re.findall(r"  ([a-z-]+): (\S+) tokens in a batch, correlation (\S+)", said)
    assert said.count(": 3.0 tokens in the pool\n") == 2
    assert [name for name, _, _ in asked] == 2 * [
        "entropy",
        "bald",
        "vote-entropy",
        "egl",
    ]
    assert all(1 <= float(mean) <= 5 for _, mean, _ in asked)
    # a text of one word is the least certain
    assert all(float(rho) < 0 for name, _, rho in asked if name == "entropy")
