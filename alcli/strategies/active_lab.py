"""Ask again, or ask anew: whose label is relied on least (Goh & Mueller, 2023)."""

import numpy as np

from alcli.aggregators.crowdlab import crowdlab, trust
from alcli.strategies import Pool, Rows, Size, batch, top


def _memory(size: Size) -> int:
    return 64 * size.n * (size.classes + 2)


@batch("probs", "votes", memory=_memory)
def active_lab(pool: Pool, n: int, rng: np.random.Generator) -> Rows:
    """Return the rows of least ActiveLab score, those with votes and those without.

    Equations 2 and 3: votes and model are weighed as in CROWDLAB, each by how far it
    agrees with the majority; a record that a few doubtful votes disagree on may come
    before one that nobody was asked about. `probs` are taken as they are: see `train
    --calibrate`. Answers of other people are asked for with `label --redundancy K`.
    """
    assert pool.votes is not None  # it is needed
    beliefs, _ = crowdlab(pool.votes)
    return top(-trust(pool.votes, beliefs), n)
