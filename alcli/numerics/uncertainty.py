"""Uncertainty of each record, from its class probabilities alone.

Each function gives the same number for every order of the classes.
"""

import numpy as np

from alcli.core.types import Floats


def entropy(probs: Floats) -> Floats:
    """Return -sum p log p in nats, (n,), of probs, (n, C) (Shannon, 1948).

    >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0]])).round(4).tolist()
    [0.6931, 0.0]
    """
    p = np.sort(probs, axis=1)  # one order of summing for every order of classes
    bits: Floats = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1)  # 0 log 0 = 0
    return bits + 0.0  # no -0.0


def margin(probs: Floats) -> Floats:
    """Return p1 - p2 of the two largest probabilities, (n,); 1 for C = 1.

    probs: (n, C). Scheffer, Decomain & Wrobel (2001).
    """
    if probs.shape[1] < 2:
        return np.ones(len(probs))
    top = np.partition(probs, probs.shape[1] - 2, axis=1)[:, -2:]
    lead: Floats = top[:, 1] - top[:, 0]
    return lead


def confidence(probs: Floats) -> Floats:
    """Return the largest probability, (n,), of probs, (n, C)."""
    largest: Floats = probs.max(axis=1)
    return largest
