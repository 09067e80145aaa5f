"""Votes of committee members, from their class probabilities."""

import numpy as np

from alcli.core.types import Floats


def count_votes(member_probs: Floats) -> Floats:
    """Count the votes of m members for each class, (n, C).

    member_probs: (m, n, C). A member votes for its most probable class; a tie is broken
    by the mean probability over all members, so that equal members vote alike and the
    order of the classes does not matter.

    >>> count_votes(np.array([[[0.6, 0.4]], [[0.1, 0.9]], [[0.5, 0.5]]])).tolist()
    [[1.0, 2.0]]
    """
    tied = member_probs == member_probs.max(axis=2, keepdims=True)
    best = np.where(tied, member_probs.mean(axis=0), -1).argmax(axis=2)  # (m, n)
    classes = np.arange(member_probs.shape[2])
    counts: Floats = (best[..., None] == classes).sum(axis=0)
    return counts.astype(float)
