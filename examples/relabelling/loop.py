"""Loops that spend votes on new labels or on second opinions; prints their records.

Usage: python -m examples.relabelling.loop pool.jsonl test.jsonl >> results.jsonl

Every way has the same number of votes a round. Annotators are simulated: one drawn at
random answers, with a constant share of wrong answers, and never votes twice on a
record.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

import alcli
from examples.common.commit import commit
from examples.common.machine import machine
from examples.common.records import Record, read_records

NOISE = (0.1, 0.2, 0.3, 0.4, 0.5)  # wrong answers of each annotator
POOL, VOTES, ROUNDS, SEEDS, FOLDS = 1500, 300, 15, 5, 4
FIRST = 2  # votes on each record of the first batch
# how a round spends its votes: strategy, and votes on each record that is chosen
WAYS = {
    "random": ("random", 1),
    "margin, new ones first": ("margin", 1),
    "margin, three votes each": ("margin", 3),
    "active-lab": ("active-lab", 1),
}


class Crowd:
    """Simulated annotators with shares of wrong answers, `NOISE`."""

    def __init__(self, truth: Mapping[str, str], seed: int) -> None:
        self.truth, self.rng = truth, np.random.default_rng(seed)
        self.classes = sorted(set(truth.values()))
        self.asked: defaultdict[str, list[int]] = defaultdict(list)

    def vote(self, record: Record) -> Record | None:
        """Return the vote of a random new annotator; None: all have voted."""
        asked = self.asked[record["id"]]
        free = [name for name in range(len(NOISE)) if name not in asked]
        if not free:
            return None
        who = int(self.rng.choice(free))
        asked.append(who)
        label = self.truth[record["id"]]
        if self.rng.random() < NOISE[who]:
            others = [name for name in self.classes if name != label]
            label = str(self.rng.choice(others))
        return {"id": record["id"], "label": label, "annotator": f"a{who}"}


def main(records: Sequence[Record], test: Sequence[Record]) -> None:
    """Play each way with each seed."""
    truth = {record["id"]: record.pop("label") for record in records}
    classes = sorted(set(truth.values()))
    init = alcli.train(arch="logreg", classes=classes, corpus=records, epochs=0)
    for seed in range(SEEDS):
        pool = alcli.select(records, POOL, strategy="random", seed=seed)
        for name, (strategy, each) in WAYS.items():
            loop = Loop(pool, test, truth, init, seed)
            rounds = list(loop.play(strategy, each))
            record = {"commit": commit(), "machine": machine(), "way": name}
            print(json.dumps(record | {"seed": seed, "rounds": rounds}), flush=True)


class Loop:
    """A pool, its annotators, and the votes so far."""

    def __init__(
        self,
        pool: Sequence[Record],
        test: Sequence[Record],
        truth: Mapping[str, str],
        init: alcli.Checkpoint,
        seed: int,
    ) -> None:
        self.pool, self.test, self.truth, self.init = pool, test, truth, init
        self.seed, self.crowd, self.votes = seed, Crowd(truth, seed), list[Record]()

    def play(self, strategy: str, each: int) -> Iterator[Record]:
        """Yield the figures of each round."""
        scored = list(alcli.score(self.pool, self.init))
        batch = self.select(scored, "random", VOTES // FIRST)
        for number in range(ROUNDS):
            for record in batch:
                said = (
                    self.crowd.vote(record) for _ in range(each if number else FIRST)
                )
                self.votes += [vote for vote in said if vote]
            labelled = alcli.merge_labels(self.votes, scored, aggregate="dawid-skene")
            model = alcli.train(labelled, init=self.init)
            scored = self.scored(labelled, model)
            counts = Counter(vote["id"] for vote in self.votes)
            right = [record["label"] == self.truth[record["id"]] for record in labelled]
            metrics = alcli.evaluate(self.test, model)["metrics"]
            yield {
                "votes": len(self.votes),
                "records": len(counts),
                "again": sum(count > 1 for count in counts.values()),
                "right": round(float(np.mean(right)), 6),
                **{name: metrics[name] for name in ("accuracy", "macro_f1")},
            }
            batch = self.select(scored, strategy, VOTES // each)

    def select(self, scored: Sequence[Record], strategy: str, n: int) -> list[Record]:
        """Return the next batch, without records on which all have voted."""
        counts = Counter(vote["id"] for vote in self.votes)
        if strategy == "active-lab":
            how = {"votes": self.votes, "most": len(NOISE)}
            return alcli.select(scored, n, strategy=strategy, seed=self.seed, **how)
        full = [id for id, count in counts.items() if count == len(NOISE)]
        seed = self.seed + len(self.votes)  # else the same records are drawn again
        if strategy == "random":
            return alcli.select(scored, n, strategy=strategy, seed=seed, exclude=full)
        asked = list(counts)
        new = alcli.select(scored, n, strategy=strategy, seed=seed, exclude=asked)
        excluded = [*full, *(record["id"] for record in new)]
        again = alcli.select(scored, n, strategy=strategy, seed=seed, exclude=excluded)
        return [*new, *again][:n]

    def scored(
        self, labelled: Sequence[Record], model: alcli.Checkpoint
    ) -> list[Record]:
        """Return the pool with out-of-sample `probs`, by cross-validation."""
        scored = {record["id"]: record for record in alcli.score(self.pool, model)}
        for fold in range(FOLDS):
            rest = [r for place, r in enumerate(labelled) if place % FOLDS != fold]
            other = alcli.train(rest, init=self.init)
            own = [scored[record["id"]] for record in labelled[fold::FOLDS]]
            scored |= {record["id"]: record for record in alcli.score(own, other)}
        return list(scored.values())


if __name__ == "__main__":
    main(*(read_records(Path(name)) for name in sys.argv[1:3]))
