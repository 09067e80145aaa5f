"""Weighted geometric mean of the expected gradient length and the entropy."""

from alcli.core.params import check_range
from alcli.core.types import Floats
from alcli.numerics.gradients import expected_gradient_length
from alcli.numerics.uncertainty import entropy
from alcli.query.signals import signal


@signal("probs", "last_layer_norm")
def egl_entropy(
    probs: Floats, last_layer_norm: Floats, *, share: float = 0.5
) -> Floats:
    """Return H(p)^share EGL^(1 - share); see `egl`.

    share: weight of the entropy. Zhang, Lease & Wallace (2017) shift from gradients to
    entropy at random as labels grow; raise the share for that. A product needs no
    common scale, so that other records do not matter.
    """
    check_range(0 <= share <= 1, "share", share, "0 to 1")
    lengths = expected_gradient_length(probs, last_layer_norm)
    mixed: Floats = entropy(probs).clip(min=0) ** share * lengths ** (1 - share)
    return mixed
