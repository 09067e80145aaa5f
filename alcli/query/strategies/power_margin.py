"""Stochastic margin sampling: margin with Gumbel noise (Kirsch et al., 2023)."""

import numpy as np

from alcli.core.params import check_range
from alcli.core.types import Floats
from alcli.numerics.uncertainty import margin
from alcli.query.strategies import Scored, pointwise


@pointwise("probs")
def power_margin(scored: Scored, *, beta: float = 1.0) -> Floats:
    """Return beta log(1 - (p1 - p2)) + g, g of the Gumbel distribution.

    Section 3, power acquisition: the largest are a sample without replacement, with
    probabilities proportional to (1 - (p1 - p2))^beta. g is of seed and id alone.
    """
    check_range(beta >= 0, "beta", beta, "0 or more")
    gumbel = -np.log(-np.log(scored.noise))
    return beta * np.log(np.maximum(1 - margin(scored.probs), 1e-300)) + gumbel
