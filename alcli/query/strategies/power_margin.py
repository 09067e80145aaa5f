"""Stochastic margin sampling: margin with Gumbel noise (Kirsch et al., 2023)."""

import numpy as np

from alcli.core.params import check_range
from alcli.core.types import Floats
from alcli.numerics.uncertainty import margin
from alcli.query.strategies import Scored, pointwise


@pointwise("probs")
def power_margin(scored: Scored, *, beta: float = 1.0) -> Floats:
    """Return beta log(1 - (p1 - p2)) + g, g of the Gumbel distribution.

    The largest are a draw without replacement in proportion to (1 - (p1 - p2))^beta:
    section 3, power acquisition. g comes from the seed and the record's id alone.
    """
    check_range(beta >= 0, "beta", beta, "0 or more")
    gumbel = -np.log(-np.log(scored.noise))
    return beta * np.log(np.maximum(1 - margin(scored.probs), 1e-300)) + gumbel
