"""Ability of annotators and difficulty of items, by EM with gradients (GLAD)."""

import numpy as np

from alcli.annotation.aggregators import Beliefs, Floats, Votes, run_em


def glad(
    votes: Votes,
    *,
    iterations: int = 100,
    tolerance: float = 1e-5,
    steps: int = 25,
) -> Beliefs:
    """Return beliefs, (items, C), and the mean accuracy of annotators.

    Whitehill et al. (2009), eq. 1 and section 3.1: annotator j is right on item i with
    probability sigmoid(a_j exp(b_i)), and errors are uniform; a and b have the prior
    N(1, 1), classes a uniform one.

    iterations, tolerance: see `run_em`. steps: L-BFGS steps per iteration.
    """
    from scipy.optimize import minimize
    from scipy.special import expit, log_expit

    people, others = votes.annotators, np.log(max(1, votes.classes - 1))
    where = np.ones(people + votes.items)  # abilities a, then difficulties b

    def margins(where: Floats) -> tuple[Floats, Floats, Floats]:
        ability, ease = where[votes.annotator], np.exp(where[people:])[votes.item]
        return ability * ease, ability, ease

    def loss(where: Floats, right: Floats) -> tuple[float, Floats]:
        z, ability, ease = margins(where)
        value = right * log_expit(z) + (1 - right) * (log_expit(-z) - others)
        slope = right - expit(z)
        gradient = np.append(
            np.bincount(votes.annotator, slope * ease, people),
            np.bincount(votes.item, slope * ability * ease, votes.items),
        )
        away = where - 1
        return float(away @ away / 2 - value.sum()), away - gradient

    def logs(where: Floats) -> Floats:
        z = margins(where)[0]
        every = np.bincount(votes.item, log_expit(-z) - others, votes.items)
        found: Floats = votes.sum_by_class(z + others) + every[:, None]
        found -= np.log(max(1, votes.classes))
        return found

    def step(beliefs: Floats) -> Floats:
        nonlocal where
        right = beliefs.ravel()[votes.cells]
        options = {"maxiter": steps}
        where = minimize(
            loss, where, (right,), method="L-BFGS-B", jac=True, options=options
        ).x
        return logs(where)

    start = votes.posterior(logs(where))[0]
    beliefs, _ = run_em(votes, step, start, iterations=iterations, tolerance=tolerance)
    return beliefs, votes.mean_by_annotator(expit(margins(where)[0]))
