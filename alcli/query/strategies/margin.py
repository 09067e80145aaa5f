"""Smallest lead of the best class over the second (Scheffer et al., 2001)."""

from alcli.core.types import Floats
from alcli.numerics.uncertainty import margin as lead
from alcli.query.strategies import Scored, pointwise


@pointwise("probs")
def margin(scored: Scored) -> Floats:
    """Return 1 - (p1 - p2), in [0, 1]; also known as breaking ties."""
    return 1 - lead(scored.probs)
