"""Votes of several predictions."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


def votes(stack: Floats) -> Floats:
    """Count the predictions of m that favour each class, (n, C), from (m, n, C).

    Who finds several equally good votes for that one of them which all together find
    the most probable: so those of one opinion vote alike, and the order of the classes
    counts for nothing.

    >>> votes(np.array([[[0.6, 0.4]], [[0.1, 0.9]], [[0.5, 0.5]]])).tolist()
    [[1.0, 2.0]]
    """
    torn = stack == stack.max(axis=2, keepdims=True)
    best = np.where(torn, stack.mean(axis=0), -1).argmax(axis=2)  # (m, n)
    found: Floats = (best[..., None] == np.arange(stack.shape[2])).sum(axis=0)
    return found.astype(float)
