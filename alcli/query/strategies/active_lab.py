"""ActiveLab: relabel, or label a new record (Goh & Mueller, 2023)."""

import numpy as np

from alcli.annotation.aggregators.crowdlab import crowdlab, relabel_score
from alcli.core.params import check_range
from alcli.query.strategies import Pool, Rows, Size, batch, top


def _memory(size: Size) -> int:
    return 64 * (size.n + size.voted) * (size.classes + 2) + 48 * size.votes


@batch("probs", "votes", memory=_memory)
def active_lab(pool: Pool, n: int, rng: np.random.Generator, *, most: int = 0) -> Rows:
    """Return the rows of least ActiveLab score, those with votes and those without.

    Equations 2 and 3: votes and model are weighed as in CROWDLAB, each by how far it
    agrees with the majority; a record that a few doubtful votes disagree on may come
    before one that nobody was asked about. Where no record has two votes, a label is
    believed as far as the model believes it, as in the authors' code, cleanlab: labels
    that the model denies come first. most: records with so many votes come last (0:
    none does). `probs` are taken as they are, and should be of a model that did not
    learn the label of the record that it judges; calibrated ones are better. Answers of
    other people are asked for with `label --redundancy K`.
    """
    check_range(most >= 0, "most", most, "0 or more")
    votes = pool.votes
    assert votes is not None  # it is needed
    beliefs, _ = crowdlab(votes)
    utility = -relabel_score(votes, beliefs)[: len(pool)]
    if most:
        utility[votes.votes_per_item[: len(pool)] >= most] = -np.inf
    return top(utility, n)
