"""Mean KL divergence of members from their mean (McCallum & Nigam, 1998)."""

import numpy as np

from alcli.core.types import Floats
from alcli.query.signals import signal


@signal("member_probs")
def kl(member_probs: Floats) -> Floats:
    """Return mean_t KL(p_t || mean_t p_t) in nats, in [0, log C] (equation 3)."""
    mean = np.maximum(member_probs.mean(axis=0), 1e-300)
    ratio = np.maximum(member_probs, 1e-300) / mean  # so that 0 log 0 = 0
    terms = member_probs * np.log(ratio)
    terms.sort(axis=2)  # one order of summing for every order of classes
    return terms.sum(axis=2).mean(axis=0).clip(min=0)
