"""Classification metrics, from a confusion matrix or from probabilities.

Names are scikit-learn's; a ratio of nothing to nothing is 0, as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.intp]


def confusion(targets: Ints, predicted: Ints, classes: int) -> Ints:
    """Return counts, (C, C): rows are true classes, columns predicted ones."""
    cells = np.bincount(targets * classes + predicted, minlength=classes**2)
    return cells.reshape(classes, classes)


def per_class(matrix: Ints) -> tuple[Floats, Floats, Floats]:
    """Return precision, recall and F1 of each class, (..., C), for (..., C, C)."""
    hits = np.diagonal(matrix, axis1=-2, axis2=-1).astype(np.float64)
    asked = matrix.sum(axis=-2)
    there = matrix.sum(axis=-1)
    return (
        _ratio(hits, asked),
        _ratio(hits, there),
        _ratio(2 * hits, asked + there),
    )


def accuracy(matrix: Ints) -> Floats:
    """Return the share of records predicted right, (...) for (..., C, C)."""
    hits = np.trace(matrix, axis1=-2, axis2=-1).astype(np.float64)
    return _ratio(hits, matrix.sum(axis=(-2, -1)))


def macro_f1(matrix: Ints, occurs: NDArray[np.bool_] | None = None) -> Floats:
    """Return the mean F1 of the classes that occur, (...) for (..., C, C).

    occurs: (C,), of a matrix of which these are samples; else in labels or predictions.
    """
    if occurs is None:
        occurs = (matrix.sum(axis=-1) + matrix.sum(axis=-2)) > 0
    return _ratio((per_class(matrix)[2] * occurs).sum(axis=-1), occurs.sum(axis=-1))


def summary(matrix: Ints, labels: Sequence[str]) -> dict[str, float]:
    """Return accuracy, balanced accuracy, macro, weighted and per-class P, R, F1.

    Macro means are over the classes that occur in labels or predictions; names of
    per-class ones are `precision:CLASS`.
    """
    there = matrix.sum(axis=1)
    occurs = (there + matrix.sum(axis=0)) > 0
    found: dict[str, float] = {"accuracy": float(accuracy(matrix))}
    values = dict(zip(("precision", "recall", "f1"), per_class(matrix), strict=True))
    found["balanced_accuracy"] = float(values["recall"][there > 0].mean())
    for name, value in values.items():
        found[f"macro_{name}"] = float(value[occurs].mean())
        found[f"weighted_{name}"] = float((value * there).sum() / there.sum())
    for name, value in values.items():
        for label, x in zip(labels, value.tolist(), strict=True):
            found[f"{name}:{label}"] = x
    return found


def bootstrap(
    matrix: Ints, *, rounds: int = 1000, level: float = 0.95, seed: int = 0
) -> dict[str, list[float]]:
    """Return percentile intervals of accuracy and macro F1 (Efron, 1979).

    The records of each true class are drawn among themselves (Davison & Hinkley, 1997,
    section 3.2), so that a rare class is in every sample: else macro F1 would be that
    of fewer classes, and its interval might end below the estimate. To draw n records
    with replacement is to draw a row of the confusion matrix from a multinomial, so a
    thousand rounds cost nothing; accuracy is a sum of binomials, one for each class.
    A class of one record adds no spread. Where the samples lie to one side of the
    estimate, the interval reaches up to it.
    """
    rng = np.random.default_rng(seed)
    there = matrix.sum(axis=1)
    shares = matrix / np.maximum(there, 1)[:, None]
    samples = rng.multinomial(there, shares, size=(rounds, len(matrix)))
    occurs = (there + matrix.sum(axis=0)) > 0
    tail = (1 - level) / 2
    found = {}
    for name, values, estimate in (
        ("accuracy", accuracy(samples), accuracy(matrix)),
        ("macro_f1", macro_f1(samples, occurs), macro_f1(matrix)),
    ):
        low, high = np.quantile(values, [tail, 1 - tail])
        found[name] = [float(min(low, estimate)), float(max(high, estimate))]
    return found


def roc_auc(targets: Ints, probs: Floats) -> float | None:
    """Return the area under the ROC curve; the mean of one-against-rest for C > 2.

    By ranks (Mann & Whitney, 1947), equal to scikit-learn's `ovr` macro mean; over the
    classes that occur. None where only one class occurs.
    """
    present = np.unique(targets)
    if len(present) < 2:
        return None
    chosen = present[1:] if probs.shape[1] == 2 else present
    return float(np.mean([_auc(targets == c, probs[:, c]) for c in chosen]))


def _auc(positive: NDArray[np.bool_], scores: Floats) -> float:
    _, place, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(sizes) - (sizes - 1) / 2  # the mean rank of equal scores
    n, m = int(positive.sum()), int((~positive).sum())
    above = ranks[place][positive].sum() - n * (n + 1) / 2
    return float(above / (n * m))


def _ratio(part: Any, whole: Any) -> Floats:
    shares: Floats = np.divide(
        part, whole, out=np.zeros(np.shape(part)), where=np.asarray(whole) > 0
    )
    return shares
