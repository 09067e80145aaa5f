"""One accuracy per annotator, by EM; errors are uniform."""

import numpy as np

from alcli.annotation.aggregators import Beliefs, Floats, Votes, run_em


def one_coin(
    votes: Votes, *, iterations: int = 100, tolerance: float = 1e-5
) -> Beliefs:
    """Return beliefs, (items, C), and the accuracy of annotators.

    Dawid-Skene with an accuracy s on the diagonal of the confusion matrix and (1 - s) /
    (C - 1) elsewhere (Zhang et al., 2014, section 3.2), for few votes per annotator.

    iterations, tolerance: see `run_em`.
    """
    others = max(1, votes.classes - 1)

    def accuracy(beliefs: Floats) -> Floats:
        return votes.mean_by_annotator(beliefs.ravel()[votes.cells])

    def step(beliefs: Floats) -> Floats:
        skill = accuracy(beliefs).clip(1e-10, 1 - 1e-10)[votes.annotator]
        wrong = np.log((1 - skill) / others)
        every = np.bincount(votes.item, wrong, votes.items)[:, None]
        right = votes.sum_by_class(np.log(skill) - wrong)
        return right + every + np.log(votes.prior(beliefs))

    beliefs, _ = run_em(
        votes, step, votes.shares(), iterations=iterations, tolerance=tolerance
    )
    return beliefs, accuracy(beliefs)
