"""Mutual information of label and network (BALD; Houlsby et al., 2011)."""

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
    return (entropy(member_probs.mean(axis=0)) - each.mean(axis=0)).clip(min=0)
