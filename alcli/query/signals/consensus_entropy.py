"""Entropy of what all opinions together say."""

from alcli.numerics.uncertainty import entropy
from alcli.query.signals import Floats, signal


@signal("stack")
def consensus_entropy(stack: Floats) -> Floats:
    """Return H(mean_t p_t) in nats, in [0, log C]; it counts doubt of one mind, too."""
    return entropy(stack.mean(axis=0))
