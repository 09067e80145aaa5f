"""Classification metrics, from a confusion matrix or from probabilities.

Names are scikit-learn's; a ratio of nothing to nothing is 0, as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.core.types import Floats, Ints


def confusion_matrix(targets: Ints, predicted: Ints, classes: int) -> Ints:
    """Return counts, (C, C): rows are true classes, columns predicted ones."""
    cells = np.bincount(targets * classes + predicted, minlength=classes**2)
    return cells.reshape(classes, classes)


def per_class(matrix: Ints) -> tuple[Floats, Floats, Floats]:
    """Return precision, recall and F1 of each class, (..., C), for (..., C, C)."""
    hits = np.diagonal(matrix, axis1=-2, axis2=-1).astype(np.float64)
    predicted = matrix.sum(axis=-2)
    support = matrix.sum(axis=-1)
    return (
        _ratio(hits, predicted),
        _ratio(hits, support),
        _ratio(2 * hits, predicted + support),
    )


def accuracy(matrix: Ints) -> Floats:
    """Return the share of correct predictions, (...) for (..., C, C)."""
    hits = np.trace(matrix, axis1=-2, axis2=-1).astype(np.float64)
    return _ratio(hits, matrix.sum(axis=(-2, -1)))


def macro_f1(matrix: Ints, occurs: NDArray[np.bool_] | None = None) -> Floats:
    """Return the mean F1 of the classes that occur, (...) for (..., C, C).

    occurs: (C,), the classes of the mean; default: those with labels or predictions.
    Bootstrap samples need those of the matrix that they are drawn from.
    """
    if occurs is None:
        occurs = (matrix.sum(axis=-1) + matrix.sum(axis=-2)) > 0
    return _ratio((per_class(matrix)[2] * occurs).sum(axis=-1), occurs.sum(axis=-1))


def summary(matrix: Ints, labels: Sequence[str]) -> dict[str, float]:
    """Return accuracy, balanced accuracy, macro, weighted and per-class P, R, F1.

    Macro means are over the classes that occur in labels or predictions; the keys of
    per-class values are `precision:CLASS`.
    """
    support = matrix.sum(axis=1)
    occurs = (support + matrix.sum(axis=0)) > 0
    found: dict[str, float] = {"accuracy": float(accuracy(matrix))}
    values = dict(zip(("precision", "recall", "f1"), per_class(matrix), strict=True))
    found["balanced_accuracy"] = float(values["recall"][support > 0].mean())
    for name, value in values.items():
        found[f"macro_{name}"] = float(value[occurs].mean())
        found[f"weighted_{name}"] = float((value * support).sum() / support.sum())
    for name, value in values.items():
        for label, x in zip(labels, value.tolist(), strict=True):
            found[f"{name}:{label}"] = x
    return found


def bootstrap_intervals(
    matrix: Ints, *, rounds: int = 1000, level: float = 0.95, seed: int = 0
) -> dict[str, list[float]]:
    """Return percentile intervals of accuracy and macro F1 (Efron, 1979).

    Stratified by true class (Davison & Hinkley, 1997, section 3.2), so that a rare
    class is in every sample: else macro F1 would be that of fewer classes, and its
    interval might end below the estimate. A class of one record adds no spread. Where
    all samples lie to one side of the estimate, the interval is extended to it.
    """
    # Drawing n records with replacement equals drawing a row of the matrix from a
    # multinomial, so time does not depend on the number of records.
    rng = np.random.default_rng(seed)
    support = matrix.sum(axis=1)
    shares = matrix / np.maximum(support, 1)[:, None]
    samples = rng.multinomial(support, shares, size=(rounds, len(matrix)))
    occurs = (support + matrix.sum(axis=0)) > 0
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
    """Return the area under the ROC curve; the macro mean of one-vs-rest for C > 2.

    targets: (n,), class numbers. probs: (n, C). Computed from ranks (Mann & Whitney,
    1947), equal to scikit-learn's `multi_class="ovr"`, over the classes that occur.
    None where only one class occurs.
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
