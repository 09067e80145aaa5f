"""Multinomial logistic regression with an L2 penalty (scikit-learn, L-BFGS)."""

from __future__ import annotations

from typing import Any

import numpy as np

from alcli.core.params import check_range
from alcli.core.types import Float32s, Floats, Indices
from alcli.models.architectures.linear import Arrays, linear_architecture

ABSENT_BIAS = -1e4  # bias of a class without records: its softmax is 0


def softmax(arrays: Arrays, features: Any) -> Floats:
    """Return softmax(features @ weights + bias), (n, C), mixed with the floor.

    arrays: `weights` (terms, C), `bias` (C,) and `floor` (C,). features: sparse matrix,
    (n, terms). The floor is the constant probability of each class without training
    records, 0 for the others. The softmax distributes the remaining probability, so the
    order of the trained classes does not change.
    """
    scores = features @ arrays["weights"] + arrays["bias"]  # (n, C)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs: Floats = powers / powers.sum(axis=1, keepdims=True)
    floor = arrays["floor"].astype(np.float64)
    return probs * (1 - floor.sum()) + floor


def absent_class_floor(counts: Indices) -> Float32s:
    """Return the probability of each class without records, 0 for the others, (C,).

    counts: records per class, (C,). The probability is 0.5 / (n + C / 2), the estimator
    of Krichevsky and Trofimov (1981) for a class absent from n records: Jeffreys' prior
    on C classes.
    """
    share = 0.5 / (counts.sum() + len(counts) / 2)
    return np.where(counts, 0, share).astype(np.float32)


def zeros(terms: int, classes: int) -> Arrays:
    """Return all-zero arrays, under which all classes are equally probable."""
    weights = np.zeros((terms, classes), np.float32)
    bias, floor = np.zeros((2, classes), np.float32)
    return {"weights": weights, "bias": bias, "floor": floor}


@linear_architecture(softmax, zeros)
def logreg(
    features: Any,
    targets: Indices,
    weights: Floats,
    *,
    classes: int,
    c: float = 4.0,
    max_iter: int = 1000,
) -> Arrays:
    """Return fitted arrays: `weights` (terms, C), `bias` (C,), `floor` (C,).

    features: sparse matrix, (n, terms). targets: class indices, (n,). weights: sample
    weights, (n,). classes: number of classes, C. c: inverse of the L2 penalty.
    max_iter: maximum number of L-BFGS iterations. A class without records gets a small
    constant probability, see `absent_class_floor`.
    """
    check_range(c > 0, "c", c, "more than 0")
    check_range(max_iter >= 1, "max_iter", max_iter, "1 or more")
    # imported to fit only, for it takes a second
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=c, max_iter=max_iter)
    # A term without records has weight 0 at the optimum, for only the penalty depends
    # on it. So it is left out of the fit, which saves time.
    used = np.unique(features.indices)
    if not len(used):
        used = np.zeros(1, np.intp)  # scikit-learn needs a column
    with threadpool_limits(1):  # more threads do not speed up sparse products
        model.fit(features[:, used], targets, sample_weight=weights)
    arrays = {k: v.copy() for k, v in zeros(features.shape[1], classes).items()}
    arrays["bias"][:] = ABSENT_BIAS
    arrays["floor"][:] = absent_class_floor(np.bincount(targets, minlength=classes))
    present = model.classes_
    if len(present) == 2:  # scikit-learn keeps one row for two classes
        arrays["weights"][used, present[1]] = model.coef_[0]
        arrays["bias"][present] = 0, model.intercept_[0]
    else:
        arrays["weights"][np.ix_(used, present)] = model.coef_.T
        arrays["bias"][present] = model.intercept_
    return arrays
