"""Largest entropy of the class probabilities (Shannon, 1948)."""

from alcli.core.types import Floats
from alcli.numerics.uncertainty import entropy as entropy_of
from alcli.query.strategies import Scored, pointwise


@pointwise("probs")
def entropy(scored: Scored) -> Floats:
    """Return -sum p log p in nats, in [0, log C]."""
    return entropy_of(scored.probs)
