"""Confusion matrix per annotator, by EM; for three honest annotators or more."""

import numpy as np

from alcli.annotation.aggregators import Beliefs, Floats, Votes, run_em
from alcli.core.params import check_range


def dawid_skene(
    votes: Votes,
    *,
    iterations: int = 100,
    tolerance: float = 1e-5,
    smoothing: float = 0.01,
) -> Beliefs:
    """Return beliefs, (items, C), and the accuracy of annotators.

    Dawid and Skene (1979), eq. 2.3 to 2.5, started from the shares of the votes. With
    two annotators, or more careless than careful ones, the model is not identifiable.

    iterations, tolerance: see `run_em`. smoothing: votes added to each cell of a
    confusion matrix. Memory: 60 bytes per vote, 24 C^2 per annotator.
    """
    from scipy.sparse import csr_array

    check_range(smoothing > 0, "smoothing", smoothing, "more than 0")
    people, classes = votes.annotators, votes.classes
    column = votes.annotator.astype(np.int64) * classes + votes.label
    one_hot = csr_array(
        (np.ones(len(column)), (votes.item, column)),
        shape=(votes.items, people * classes),
    )
    transposed = one_hot.T.tocsr()

    def confusions(beliefs: Floats) -> Floats:
        table: Floats = (transposed @ beliefs).reshape(people, classes, classes)
        table += smoothing  # (annotators, vote, truth)
        table /= table.sum(axis=1, keepdims=True)
        return table

    def step(beliefs: Floats) -> Floats:
        logs = np.log(confusions(beliefs)).reshape(people * classes, classes)
        found: Floats = one_hot @ logs + np.log(votes.prior(beliefs))
        return found

    beliefs, _ = run_em(
        votes, step, votes.shares(), iterations=iterations, tolerance=tolerance
    )
    right = np.diagonal(confusions(beliefs), axis1=1, axis2=2) @ votes.prior(beliefs)
    return beliefs, votes.mean_by_annotator(right[votes.annotator])
