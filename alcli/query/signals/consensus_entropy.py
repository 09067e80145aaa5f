"""Entropy of the mean prediction of a committee or of passes of dropout."""

from alcli.core.types import Floats
from alcli.numerics.uncertainty import entropy
from alcli.query.signals import signal


@signal("member_probs")
def consensus_entropy(member_probs: Floats) -> Floats:
    """Return H(mean_t p_t) in nats, in [0, log C]: all uncertainty, shared or not."""
    return entropy(member_probs.mean(axis=0))
