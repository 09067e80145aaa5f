"""Play loops where a vote buys a new label, or a second opinion; print their records.

Usage: python loop.py pool.jsonl test.jsonl >> results.jsonl

Every way has the same number of votes a round. Annotators are simulated: which one
answers is by chance, each is wrong in a share of his answers, nobody is asked twice
about one record.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "loop"))
sys.path.insert(0, str(Path(__file__).parent.parent / "strategies"))
from measured import machine
from record import commit

import alcli

NOISE = (0.1, 0.2, 0.3, 0.4, 0.5)  # wrong answers of each annotator
VOTES, ROUNDS, SEEDS = 300, 15, 5
# how a round spends its votes: strategy, and votes on each record that is chosen
WAYS = {
    "random, one vote": ("random", 1),
    "margin, one vote": ("margin", 1),
    "margin, three votes": ("margin", 3),
    "active-lab": ("active-lab", 1),
}

type Record = dict[str, Any]


class Crowd:
    """Annotators who are wrong at times."""

    def __init__(self, truth: Mapping[str, str], seed: int) -> None:
        self.truth, self.rng = truth, np.random.default_rng(seed)
        self.classes = sorted(set(truth.values()))
        self.asked: defaultdict[str, list[int]] = defaultdict(list)

    def vote(self, record: Record) -> Record | None:
        """Return the vote of someone who has not voted on a record; None: all have."""
        asked = self.asked[record["id"]]
        free = [who for who in range(len(NOISE)) if who not in asked]
        if not free:
            return None
        who = int(self.rng.choice(free))
        asked.append(who)
        label = self.truth[record["id"]]
        if self.rng.random() < NOISE[who]:
            others = [name for name in self.classes if name != label]
            label = str(self.rng.choice(others))
        return {"id": record["id"], "label": label, "annotator": f"a{who}"}


def main(pool: Sequence[Record], test: Sequence[Record]) -> None:
    """Play each way with each seed."""
    truth = {record["id"]: record.pop("label") for record in pool}
    classes = sorted(set(truth.values()))
    init = alcli.train(arch="logreg", classes=classes, corpus=pool, epochs=0)
    for name, (strategy, each) in WAYS.items():
        for seed in range(SEEDS):
            told = list(play(pool, test, truth, init, strategy, each, seed))
            record = {"commit": commit(), "machine": machine(), "way": name}
            print(json.dumps(record | {"seed": seed, "rounds": told}), flush=True)


def play(
    pool: Sequence[Record],
    test: Sequence[Record],
    truth: Mapping[str, str],
    init: alcli.Checkpoint,
    strategy: str,
    each: int,
    seed: int,
) -> Iterator[Record]:
    """Yield what each round comes to."""
    crowd, votes = Crowd(truth, seed), list[Record]()
    scored = list(alcli.score(pool, init))
    batch = alcli.select(scored, VOTES // each, strategy="random", seed=seed)
    for number in range(ROUNDS):
        said = (crowd.vote(record) for record in batch for _ in range(each))
        votes += [vote for vote in said if vote]
        labelled = alcli.merge_labels(votes, scored, aggregate="crowdlab")
        model = alcli.train(labelled, init=init)
        found = alcli.evaluate(test, model)["metrics"]
        counts = Counter(vote["id"] for vote in votes)
        right = [record["label"] == truth[record["id"]] for record in labelled]
        yield {
            "votes": len(votes),
            "records": len(counts),
            "again": sum(count > 1 for count in counts.values()),
            "right": round(float(np.mean(right)), 6),
            "accuracy": found["accuracy"],
            "macro_f1": found["macro_f1"],
        }
        if number < ROUNDS - 1:
            scored = list(alcli.score(pool, model))
            how: dict[str, Any] = {"exclude": list(counts)}
            if strategy == "active-lab":
                full = [id for id, count in counts.items() if count == len(NOISE)]
                how = {"votes": votes, "exclude": full}
            batch = alcli.select(
                scored, VOTES // each, strategy=strategy, seed=seed, **how
            )


def read(path: str) -> list[Record]:
    """Return the records of a file."""
    return [json.loads(line) for line in Path(path).read_text("utf-8").split("\n")[:-1]]


if __name__ == "__main__":
    main(read(sys.argv[1]), read(sys.argv[2]))
