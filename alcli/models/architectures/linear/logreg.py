"""Multinomial logistic regression with an L2 penalty (scikit-learn, L-BFGS)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.core.params import check_range
from alcli.models.architectures.linear import Arrays, fitted

NEVER = -1e4  # the bias of a class that no record has: the softmax gives it 0


def softmax(arrays: Arrays, features: Any) -> NDArray[np.float64]:
    """Return softmax(features @ weights + bias), (n, C), above the floor.

    The floor (C,) is the probability of each class that no record has, 0 of others; the
    softmax shares the rest of 1, so classes that were seen keep their order.
    """
    scores = features @ arrays["weights"] + arrays["bias"]  # (n, C)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    floor = arrays["floor"].astype(np.float64)
    return probs * (1 - floor.sum()) + floor


def unseen(counts: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the probability of each class of which there are 0 records, else 0, (C,).

    It is 0.5 / (n + C / 2), the estimate of Krichevsky and Trofimov (1981) for a class
    that n records do not have: Jeffreys' prior on C classes.
    """
    share = 0.5 / (counts.sum() + len(counts) / 2)
    return np.where(counts, 0, share).astype(np.float32)


def zeros(terms: int, classes: int) -> Arrays:
    """Return weights under which all classes are equally probable."""
    weights = np.zeros((terms, classes), np.float32)
    bias, floor = np.zeros((2, classes), np.float32)
    return {"weights": weights, "bias": bias, "floor": floor}


@fitted(softmax, zeros)
def logreg(
    features: Any,
    targets: NDArray[np.intp],
    weights: NDArray[np.float64],
    *,
    classes: int,
    c: float = 4.0,
    max_iter: int = 1000,
) -> Arrays:
    """Return `weights` (terms, C), `bias` and `floor` (C,); c: inverse of the penalty.

    A class that no record has gets the same small probability for every text, see
    `unseen`. Terms that no record has get the weight 0, which is what they would come
    to: no loss depends on them, only the penalty. So nothing is spent on them.
    """
    check_range(c > 0, "c", c, "more than 0")
    check_range(max_iter >= 1, "max_iter", max_iter, "1 or more")
    from sklearn.linear_model import LogisticRegression  # a second; only to fit
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=c, max_iter=max_iter)
    used = np.unique(features.indices)
    if not len(used):
        used = np.zeros(1, np.intp)  # scikit-learn needs a column
    with threadpool_limits(1):  # features are sparse: more would only wait in turns
        model.fit(features[:, used], targets, sample_weight=weights)
    arrays = {k: v.copy() for k, v in zeros(features.shape[1], classes).items()}
    arrays["bias"][:] = NEVER
    arrays["floor"][:] = unseen(np.bincount(targets, minlength=classes))
    present = model.classes_
    if len(present) == 2:  # scikit-learn keeps one row for two classes
        arrays["weights"][used, present[1]] = model.coef_[0]
        arrays["bias"][present] = 0, model.intercept_[0]
    else:
        arrays["weights"][np.ix_(used, present)] = model.coef_.T
        arrays["bias"][present] = model.intercept_
    return arrays
