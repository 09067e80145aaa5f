"""ActiveLab: relabel, or label a new record (Goh & Mueller, 2023)."""

import numpy as np

from alcli.annotation.aggregators.crowdlab import crowdlab, relabel_score
from alcli.core.params import check_range
from alcli.query.strategies import Pool, Rows, Size, batch, top


def _memory(size: Size) -> int:
    return 64 * (size.n + size.voted) * (size.classes + 2) + 48 * size.votes


@batch("probs", "votes", memory=_memory)
def active_lab(pool: Pool, n: int, rng: np.random.Generator, *, most: int = 0) -> Rows:
    """Return the rows of least ActiveLab score, with votes and without.

    Equations 2 and 3: votes and model are weighted as in CROWDLAB, by their agreement
    with the majority; a record with a few contradictory votes may come before one
    without votes. If no record has two votes, the belief in a label is its predicted
    probability, as in the authors' code, cleanlab: improbable labels come first.
    `probs` should be of a model that was not trained on the record's label, and
    calibrated. `label --redundancy K` collects votes of several annotators.

    most: records with at least so many votes come last; 0: no limit.
    """
    check_range(most >= 0, "most", most, "0 or more")
    votes = pool.votes
    assert votes is not None  # a declared need
    beliefs, _ = crowdlab(votes)
    utility = -relabel_score(votes, beliefs)[: len(pool)]
    if most:
        utility[votes.votes_per_item[: len(pool)] >= most] = -np.inf
    return top(utility, n)
