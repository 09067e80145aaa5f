"""Least probable best class (Lewis & Gale, 1994)."""

from alcli.core.types import Floats
from alcli.numerics.uncertainty import confidence
from alcli.query.strategies import Scored, pointwise


@pointwise("probs")
def least_confidence(scored: Scored) -> Floats:
    """Return 1 - p1, in [0, 1 - 1/C]."""
    return 1 - confidence(scored.probs)
