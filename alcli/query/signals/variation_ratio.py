"""Share of votes against the most frequent class (Freeman, 1965)."""

from alcli.core.types import Floats
from alcli.numerics.votes import count_votes
from alcli.query.signals import signal


@signal("member_probs")
def variation_ratio(member_probs: Floats) -> Floats:
    """Return 1 - max_c v_c/m, in [0, 1 - 1/min(m, C)]."""
    return 1 - count_votes(member_probs).max(axis=1) / len(member_probs)
