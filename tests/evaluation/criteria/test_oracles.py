"""Criteria compared with plain, slow implementations of their definitions.

Curves are random; each is judged after every round, with random parameters. An oracle
returns the value, or None where it is too early, and whether to stop.
"""

import math
from fractions import Fraction

import numpy as np
import pytest

from alcli.evaluation.criteria import criteria
from alcli.evaluation.criterion import load_criterion
from tests.evaluation.criteria.made import CLASSES, made

SEEDS = range(40)


def kappa(old, new):
    n = len(old)
    po = Fraction(sum(a == b for a, b in zip(old, new, strict=True)), n)
    pe = sum(Fraction(old.count(c), n) * Fraction(new.count(c), n) for c in CLASSES)
    return 1.0 if pe == 1 else float((po - pe) / (1 - pe))


def pairs(found, window):
    """Return predictions of the last rounds, each with those of the round before."""
    if len(found.names) < window + 1:
        return None
    last = range(len(found.names) - window, len(found.names))
    return [(found.names[t - 1], found.names[t]) for t in last]


def stabilising_predictions(found, threshold, window):
    if not (both := pairs(found, window)):
        return None, False
    value = sum(kappa(old, new) for old, new in both) / window
    return value, value >= threshold


def change_of_f(old, new, name):
    a = b = c = 0
    for was, now in zip(old, new, strict=True):
        a += was == name and now == name
        b += was == name and now != name
        c += was != name and now == name
    return 1 - 2 * a / (2 * a + b + c) if a + b + c else 0.0


def delta_f(found, threshold, window, label):
    if not (both := pairs(found, window)):
        return None, False
    changes = []
    for old, new in both:
        names = [label] if label else sorted(set(old) | set(new))
        changes.append(sum(change_of_f(old, new, x) for x in names) / len(names))
    return max(changes), all(change < threshold for change in changes)


def classification_change(found, threshold, window):
    if not (both := pairs(found, window)):
        return None, False
    changes = [
        sum(a != b for a, b in zip(old, new, strict=True)) / len(old)
        for old, new in both
    ]
    return max(changes), all(change <= threshold for change in changes)


def entropies(found):
    return [
        -sum(p * math.log(p) for p in row.values() if p > 0) / math.log(len(row))
        for row in found.probs[-1]
    ]


def overall_uncertainty(found, threshold):
    if not found.curve:
        return None, False
    value = sum(entropies(found)) / len(found.probs[-1])
    return value, value < threshold


def max_uncertainty(found, threshold):
    if not found.curve:
        return None, False
    return max(entropies(found)), max(entropies(found)) < threshold


def expected_error(found, threshold):
    if not found.curve:
        return None, False
    value = sum(1 - max(row.values()) for row in found.probs[-1]) / len(found.names[-1])
    return value, value < threshold


def confidences(found):
    return [[max(row.values()) for row in rows] for rows in found.probs]


def variance(values):
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)


def fell(values, patience):
    """Count the last rounds in a row in which values fell, after a rise."""
    if len(values) < patience + 2:
        return None, False
    row = 0
    for now in range(len(values) - 1, 0, -1):
        if values[now] >= values[now - 1]:
            break
        row += 1
    before = values[: len(values) - row]
    rose = any(before[i] > before[i - 1] for i in range(1, len(before)))
    return (row, row >= patience) if rose else (0, False)


def confidence_variance(found, patience):
    return fell([variance(sure) for sure in confidences(found)], patience)


def confidence_drop(found, patience):
    return fell([sum(sure) / len(sure) for sure in confidences(found)], patience)


def score_variance(found, patience, window):
    ends = range(window, len(found.scores) + 1)
    values = [variance(found.scores[end - window : end]) for end in ends]
    return fell([-value for value in values], patience)


def better(found, metric):
    """Return scores, larger is better."""
    sign = -1 if metric == "log_loss" else 1
    return [sign * score for score in found.scores]


def plateau(found, patience, epsilon, metric):
    scores = better(found, metric)
    before = scores[:-patience]
    if not before:
        return None, False
    stop = all(score - max(before) <= epsilon for score in scores[-patience:])
    return max(score - max(before) for score in scores[-patience:]), stop


def performance_drop(found, epsilon, patience, metric):
    scores = better(found, metric)
    before = scores[:-patience]
    if not before:
        return None, False
    drops = [max(before) - score for score in scores[-patience:]]
    return min(drops), all(drop > epsilon for drop in drops)


def selected_accuracy(found, threshold, window):
    last = found.agreed[max(len(found.agreed) - window, 0) :]
    if len(last) < window or None in last:
        return None, False
    return min(last), all(agreed >= threshold for agreed in last)


def no_new_find(found, n, label):
    every = [answer for batch in found.answers for answer in batch]
    wanted = label
    if not wanted:
        for name in CLASSES:
            if name in every and (
                not wanted or every.count(name) < every.count(wanted)
            ):
                wanted = name
    if not wanted or not found.curve:
        return None, False
    answers = 0
    for batch in reversed(found.answers):
        if wanted in batch:
            break
        answers += len(batch)
    return answers, answers >= n


def seconds(found, most, step):
    spent = 0.0
    for steps in found.seconds:
        for name, took in steps.items():
            spent += took if step in ("", name) else 0
    return spent, spent >= most


def labels(found, most):
    used = 10 * len(found.curve)
    return used, used >= most


def rounds(found, most):
    return len(found.curve), len(found.curve) >= most


CASES = {
    stabilising_predictions: lambda r: {
        "threshold": r.random(),
        "window": int(r.integers(1, 5)),
    },
    delta_f: lambda r: {
        "threshold": r.random() * 0.8,
        "window": int(r.integers(1, 5)),
        "label": str(r.choice(["", *CLASSES])),
    },
    classification_change: lambda r: {
        "threshold": float(r.choice([0.0, 0.3 * r.random()])),
        "window": int(r.integers(1, 5)),
    },
    overall_uncertainty: lambda r: {"threshold": 0.01 + 0.5 * r.random()},
    max_uncertainty: lambda r: {"threshold": 0.5 + 0.5 * r.random()},
    expected_error: lambda r: {"threshold": 0.01 + 0.3 * r.random()},
    confidence_variance: lambda r: {"patience": int(r.integers(1, 4))},
    confidence_drop: lambda r: {"patience": int(r.integers(1, 4))},
    score_variance: lambda r: {
        "patience": int(r.integers(1, 4)),
        "window": int(r.integers(2, 6)),
    },
    plateau: lambda r: {
        "patience": int(r.integers(1, 5)),
        "epsilon": 0.2 * r.random(),
        "metric": str(r.choice(["macro_f1", "log_loss"])),
    },
    performance_drop: lambda r: {
        "epsilon": 0.3 * r.random(),
        "patience": int(r.integers(1, 5)),
        "metric": str(r.choice(["macro_f1", "log_loss"])),
    },
    selected_accuracy: lambda r: {
        "threshold": 0.01 + 0.9 * r.random(),
        "window": int(r.integers(1, 4)),
    },
    no_new_find: lambda r: {
        "n": int(r.integers(1, 9)),
        "label": str(r.choice(["", *CLASSES])),
    },
    seconds: lambda r: {
        "most": 1 + 60 * r.random(),
        "step": str(r.choice(["", "train", "evaluate"])),
    },
    labels: lambda r: {"most": int(r.integers(1, 150))},
    rounds: lambda r: {"most": int(r.integers(1, 15))},
}


def test_every_criterion_has_an_oracle():
    names = [oracle.__name__.replace("_", "-") for oracle in CASES]
    assert sorted(names) == criteria.names()


@pytest.mark.parametrize("oracle", CASES, ids=lambda oracle: oracle.__name__)
def test_verdicts_equal_those_of_a_plain_implementation(oracle):
    criterion = load_criterion(oracle.__name__.replace("_", "-"))
    answers = set()
    for seed in SEEDS:
        whole = made(seed)
        params = CASES[oracle](np.random.default_rng(seed))
        for number in range(len(whole.curve) + 1):
            part = whole.until(number)
            value, stop = oracle(part, **params)
            verdict = criterion(part.curve, **params)
            assert (verdict.value is None) == (value is None), (seed, number, params)
            assert verdict.value == pytest.approx(value, abs=1e-6)
            assert verdict.stop == stop, (seed, number, params, value)
            answers.add(stop)
    assert answers == {True, False}  # else the test would say nothing
