"""How far each opinion is from that of all together (McCallum & Nigam, 1998)."""

import numpy as np

from alcli.query.signals import Floats, signal


@signal("stack")
def kl(stack: Floats) -> Floats:
    """Return mean_t KL(p_t || mean_t p_t) in nats, in [0, log C] (equation 3)."""
    mean = np.maximum(stack.mean(axis=0), 1e-300)
    terms = stack * np.log(np.maximum(stack, 1e-300) / mean)  # 0 log 0 = 0
    terms.sort(axis=2)  # one order of summing for every order of classes
    return terms.sum(axis=2).mean(axis=0).clip(min=0)
