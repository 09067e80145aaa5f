"""Simulated curves equal those of the commands, step by step."""

import json
from pathlib import Path

import pytest

from alcli.cli.main import group
from alcli.core.errors import NothingLeft
from alcli.core.ids import seeded_uniform
from alcli.evaluation.curve import read

pytestmark = pytest.mark.slow  # trains by commands


def alcli(*words):
    return group([str(w) for w in words], prog_name="alcli", standalone_mode=False)


def by_hand(arch, sets, how, label, merge, strategy, rounds):
    """Play a loop as examples/loop/loop.sh does; return its curve."""
    alcli(
        *("split", "data.jsonl", "--seed", 7, "-o", "split.{}.jsonl", "--share"),
        *("test=60", "--share", "stop=40", "--share", "rest"),
    )
    shares = (Path(f"split.{share}.jsonl").read_text() for share in ("stop", "rest"))
    Path("pool.jsonl").write_text("".join(shares))
    classes = [w for c in ("bad", "good", "so-so") for w in ("--class", c)]
    alcli(
        *("train", "--epochs", 0, "--vocabulary-from", "pool.jsonl", *classes),
        *("--arch", arch, *sets, "--seed", 7, "-o", "init.model"),
    )
    select = ("select", "-n", 50, "--seed", 7, "-o", "batch.jsonl")
    alcli(*select, "pool.jsonl", "-s", "random")
    for _ in range(rounds):
        alcli(
            *("label", "batch.jsonl", "--with", "gold", "--gold", "data.jsonl"),
            *("--seed", 7, *label, "--append", "votes.jsonl"),
        )
        alcli(
            *("merge-labels", "votes.jsonl", "--records", "pool.jsonl"),
            *("--newest", "first", *merge, "-o", "labelled.jsonl"),
        )
        alcli(
            *("train", "labelled.jsonl", "--init", "init.model", *how),
            *("--seed", 7, "-o", "round.model"),
        )
        alcli(
            *("evaluate", "split.test.jsonl", "-m", "round.model", "--stop-set"),
            *("split.stop.jsonl", "--batch", "batch.jsonl", "--labelled"),
            *("labelled.jsonl", "--append", "curve.jsonl"),
        )
        score = ("score", "pool.jsonl", "-m", "round.model", "-o", "scored.jsonl")
        if strategy in TOGETHER:
            alcli(*score, "--vectors", "vectors.arrow")
            more = ("--vectors", "vectors.arrow", "--labelled", "labelled.jsonl")
        else:
            alcli(*score, "--exclude", "votes.jsonl")
            more = ()
        try:
            alcli(*select, "scored.jsonl", "-s", strategy, *more)
        except NothingLeft:
            break


def compared(path):
    rows = map(json.loads, Path(path).read_text().splitlines())
    aside = ("key", "tags", "seconds")
    return [{k: v for k, v in row.items() if k not in aside} for row in rows]


TOGETHER = ("core-set", "badge", "discriminative")
LOGREG = ("--set", "min_count=1", "--set", "max_share=1.0")


@pytest.mark.parametrize(
    ("arch", "sets", "how", "label", "merge", "strategy", "rounds"),
    [
        ("logreg", LOGREG, (), (), (), "margin", 9),
        ("logreg", LOGREG, (), (), (), "random", 2),
        ("logreg", LOGREG, (), (), (), "core-set", 9),
        ("logreg", LOGREG, (), (), (), "badge", 3),
        ("logreg", LOGREG, (), (), (), "discriminative", 2),
        (
            "logreg",
            LOGREG,
            ("--class-weight", "balanced"),
            ("--noise", "0.3,0,0.5"),
            ("--aggregate", "dawid-skene"),
            "entropy",
            3,
        ),
        (
            "cnn",
            (*LOGREG, "--set", "dim=8", "--set", "filters=8"),
            ("--epochs", 3, "--validation", 0.2),
            (),
            (),
            "least-confidence",
            2,
        ),
    ],
)
def test_simulated_and_command_line_curves_are_equal(
    arch, sets, how, label, merge, strategy, rounds, file, monkeypatch
):
    monkeypatch.chdir(file.parent)
    by_hand(arch, sets, how, label, merge, strategy, rounds)
    named = ",".join([arch, *(s for s in sets if s != "--set")])

    alcli(
        *("simulate", "data.jsonl", "--test-size", 60, "--stop-size", 40),
        *("-s", strategy, "--arch", named, "-n", 50, "--seeds", 1, "--seed", 7),
        *("--until", f"rounds={rounds}", *how, *label, *merge),
        *("-o", "simulated.jsonl"),
    )

    curve = compared("curve.jsonl")
    assert compared("simulated.jsonl") == curve
    assert len(curve) == min(rounds, 4)
    assert [row["labels"] for row in curve] == [50, 100, 150, 180][: len(curve)]


def test_rounds_without_a_trained_model_count_equally(file, monkeypatch):
    monkeypatch.chdir(file.parent)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    chance = seeded_uniform(7, [row["id"] for row in rows])
    for place, row in enumerate(sorted(rows, key=lambda row: chance[rows.index(row)])):
        row["label"] = "bad" if place < 3 else "so-so" if place < 6 else "good"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    by_hand("logreg", LOGREG, (), (), (), "random", 3)
    until = ("--until", "plateau", "--until", "rounds=3")
    alcli(
        *("simulate", "data.jsonl", "--test-size", 60, "--stop-size", 40),
        *("-s", "random", "--arch", "logreg,min_count=1,max_share=1.0", "-n", 50),
        *("--seeds", 1, "--seed", 7, *until, "-o", "simulated.jsonl"),
    )

    curve = compared("curve.jsonl")
    assert [(row["labels"], row["epochs"]) for row in curve] == [
        (50, 0),
        (100, 0),
        (150, 0),
    ]
    assert compared("simulated.jsonl") == curve
    for path in ("curve.jsonl", "simulated.jsonl"):
        assert len(read(path)) == 3
        assert alcli("proceed", path, "--until", "rounds=3") == 1


def test_strong_baselines_of_networks_stop_early(file, monkeypatch):
    monkeypatch.chdir(file.parent)
    alcli(
        *("simulate", "data.jsonl", "--arch", "cnn,min_count=1,max_share=1.0,dim=8"),
        *("-s", "random", "--seeds", 1, "--epochs", 1, "--baselines", "-n", 150),
        *("--until", "rounds=1", "-o", "simulated.jsonl"),
    )
    rows = map(json.loads, Path("simulated.jsonl").read_text().splitlines())
    accuracy = {
        (row["tags"].get("baseline"), row["tags"]["arch"][:3]): row["metrics"][
            "accuracy"
        ]
        for row in rows
    }

    # one epoch teaches nothing, thirty do
    assert accuracy["strong", "cnn"] > accuracy["paper", "cnn"] + 0.2
    assert accuracy["strong", "log"] > accuracy["paper", "cnn"]
