"""The example of second opinions: its crowd, its loop, its tables."""

import importlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/relabelling"


@pytest.fixture
def loop():
    return importlib.import_module("examples.relabelling.loop")


def records(n):
    kinds = ["bad", "good", "odd"]
    return [
        {
            "id": str(i),
            "tokens": f"{kinds[i % 3]} w{i % 11} v{i}",
            "label": kinds[i % 3],
        }
        for i in range(n)
    ]


def test_annotators_vote_once_per_record_with_their_noise(loop):
    rows = records(3000)
    crowd = loop.Crowd({r["id"]: r["label"] for r in rows}, seed=1)
    votes = [crowd.vote(row) for row in rows for _ in range(6)]
    told = [vote for vote in votes if vote]
    assert len(told) == 5 * len(rows)
    assert len({(v["id"], v["annotator"]) for v in told}) == len(told)
    wrong = Counter(v["annotator"] for v in told if v["label"] != crowd.truth[v["id"]])
    for who, share in enumerate(loop.NOISE):
        assert wrong[f"a{who}"] / len(rows) == pytest.approx(share, abs=0.04)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["random", "margin", "active-lab"])
def test_every_way_spends_the_same_votes(loop, monkeypatch, way):
    import alcli

    monkeypatch.setattr(loop, "VOTES", 30)
    monkeypatch.setattr(loop, "ROUNDS", 4)
    rows, test = records(60), records(30)
    truth = {r["id"]: r.pop("label") for r in rows}
    how = {"classes": ["bad", "good", "odd"], "corpus": rows, "epochs": 0}
    init = alcli.train(arch="logreg", params={"min_count": 1}, **how)
    play = loop.Loop(rows, test, truth, init, seed=0)
    told = list(play.play(way, 1))
    assert [one["votes"] for one in told] == [30, 60, 90, 120]
    assert told[0]["records"] == told[0]["again"] == 15
    assert max(Counter(v["id"] for v in play.votes).values()) <= len(loop.NOISE)
    if way == "margin":  # new ones first
        assert told[1]["records"] == 45
        assert told[1]["again"] == 15


def test_readme_tables_are_made_from_the_results(tmp_path):
    readme = Path(shutil.copy(EXAMPLE / "README.md", tmp_path))
    call = [sys.executable, "-m", "examples.relabelling.tables"]
    subprocess.run([*call, EXAMPLE / "results.jsonl", readme], cwd=ROOT, check=True)
    assert readme.read_bytes() == (EXAMPLE / "README.md").read_bytes()
    rows = (EXAMPLE / "results.jsonl").read_text("utf-8").split("\n")[:-1]
    assert {json.loads(row)["way"] for row in rows} == {
        "random",
        "margin, new ones first",
        "margin, three votes each",
        "active-lab",
    }
