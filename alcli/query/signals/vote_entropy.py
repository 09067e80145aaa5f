"""Entropy of the members' votes for their best classes (Dagan & Engelson, 1995)."""

from alcli.core.types import Floats
from alcli.numerics.uncertainty import entropy
from alcli.numerics.votes import count_votes
from alcli.query.signals import signal


@signal("member_probs")
def vote_entropy(member_probs: Floats) -> Floats:
    """Return -sum_c v_c/m log(v_c/m) in nats, in [0, log min(m, C)]."""
    return entropy(count_votes(member_probs) / len(member_probs))
