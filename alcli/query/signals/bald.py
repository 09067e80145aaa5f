"""Mutual information of label and network (BALD; Houlsby et al., 2011)."""

import numpy as np

from alcli.core.types import Floats
from alcli.numerics.uncertainty import entropy
from alcli.query.signals import signal


@signal("member_probs")
def bald(member_probs: Floats) -> Floats:
    """Return H(mean_t p_t) - mean_t H(p_t) in nats, in [0, log C].

    The mutual information between the label and the network, from passes of dropout
    (Gal, Islam & Ghahramani, 2017, section 4); equal to the mean KL divergence of the
    members from their mean, mean_t KL(p_t || mean_t p_t), the signal `kl`.
    """
    members, n, classes = member_probs.shape
    each = entropy(member_probs.reshape(-1, classes)).reshape(members, n)
    found = (entropy(member_probs.mean(axis=0)) - each.mean(axis=0)).clip(min=0)
    differ = (member_probs != member_probs[0]).any(axis=(0, 2))
    return np.where(differ, found, 0.0)  # not 1e-16: a ranking would be of rounding
