"""Random curves in the form of `evaluate`, with the values that they were made of."""

from dataclasses import dataclass, field

import numpy as np

from alcli.evaluation.curve.writing import stop_part

CLASSES = ("bad", "fair", "good")


@dataclass
class Made:
    """A curve, and the values of each round in plain lists.

    probs: name -> probability of each record of the stop set; names: of its most
    probable class; answers: labels of the batch; agreed: share or None.
    """

    curve: list = field(default_factory=list)
    scores: list = field(default_factory=list)
    probs: list = field(default_factory=list)
    names: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    agreed: list = field(default_factory=list)
    seconds: list = field(default_factory=list)

    def until(self, rounds):
        """Return the first rounds."""
        return Made(*(getattr(self, name)[:rounds] for name in vars(self)))


def made(seed, *, rounds=14, n=9, classes=CLASSES, sure=4.0):
    """Return a random curve; predictions drift, each round has its order of classes."""
    rng = np.random.default_rng(seed)
    found = Made()
    drift = rng.choice([0.02, 0.3, 2.0])
    logits = rng.normal(size=(n, len(classes))) * sure
    for number in range(rounds):
        logits = logits + rng.normal(size=logits.shape) * drift
        order = rng.permutation(len(classes))
        add(found, rng, number, logits[:, order], [classes[i] for i in order])
    return found


def add(found, rng, number, logits, labels):
    """Add a round."""
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = (exp / exp.sum(axis=1, keepdims=True)).astype(np.float32)
    score = round(float(rng.choice([0.5, rng.random()])), 3)
    answers = [str(x) for x in rng.choice(labels, rng.integers(0, 5))]
    agreed = None if rng.random() < 0.2 else round(float(rng.random()), 3)
    spent = {"train": float(rng.integers(1, 9)), "evaluate": float(rng.random())}
    counts = {name: answers.count(name) for name in sorted(set(answers))}
    found.scores.append(score)
    found.probs.append([dict(zip(labels, row, strict=True)) for row in probs.tolist()])
    found.names.append([max(row, key=row.get) for row in found.probs[-1]])
    found.answers.append(answers)
    found.agreed.append(agreed)
    found.seconds.append(spent)
    found.curve.append(
        {
            "key": f"k{number}",
            "labels": 10 * number + 10,
            "metrics": {"macro_f1": score, "log_loss": score, "other": 0.5},
            "confusion": {"labels": list(labels), "matrix": []},
            "batch": {"asked": 5, "labelled": counts, "agreed": agreed},
            "stop_set": stop_part([f"s{i}" for i in range(len(probs))], probs),
            "seconds": spent,
        }
    )
