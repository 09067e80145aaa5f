"""Lengths of the texts that networks select in early rounds.

Usage: python -m examples.strategies.lengths run (`make lengths` makes its pools)

Three networks learn the labels of the first rounds, drawn at random. The mean number of
tokens of a batch is put beside the pool's, with the rank correlation over the pool.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import numpy as np
from scipy.stats import spearmanr

import alcli
from examples.common.records import read_records

ROUNDS = {"sentipers": (412, 309), "trec": (216, 162)}  # labels so far, a batch
SIGNALS = ("bald", "vote-entropy", "egl")
SEEDS = 3


def main(folder: Path) -> None:
    """Print a line for each data set and signal."""
    for data, (labels, n) in ROUNDS.items():
        pool = read_records(folder / f"{data}.pool.jsonl")
        lengths = np.array([len(record["tokens"].split(" ")) for record in pool])
        print(f"{data}: {lengths.mean():.1f} tokens in the pool")
        found: dict[str, list[tuple[float, float]]] = {}
        for seed in range(SEEDS):
            order = Random(seed).sample(range(len(pool)), len(pool))
            known, rest = order[:labels], order[labels:]
            model = alcli.train(
                [pool[row] for row in known], corpus=pool, arch="cnn", seed=seed
            )
            scored = list(
                alcli.score([pool[row] for row in rest], model, signals=SIGNALS)
            )
            probs = np.array([[*record["probs"].values()] for record in scored])
            asked = {"entropy": -(probs * np.log(probs)).sum(axis=1)}
            for name in scored[0]["signals"]:
                values = [record["signals"][name] for record in scored]
                asked[name.replace("_", "-")] = np.array(values)
            for name, utility in asked.items():
                of = lengths[rest]
                best = np.argsort(-utility)[:n]
                rho = spearmanr(utility, of).statistic
                found.setdefault(name, []).append((of[best].mean(), rho))
        for name, rows in found.items():
            mean, rho = np.mean(rows, axis=0)
            print(f"  {name}: {mean:.1f} tokens in a batch, correlation {rho:+.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
