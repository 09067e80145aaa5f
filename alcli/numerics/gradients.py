"""Expected gradient length of a softmax layer, in closed form."""

import numpy as np

from alcli.core.types import Floats


def expected_gradient_length(probs: Floats, last_layer_norm: Floats) -> Floats:
    """Return sum_c p_c ||p - e_c|| sqrt(||h||^2 + 1), shape (n,).

    probs: (n, C). last_layer_norm: (n,), L2 norm of the layer's input h. Settles,
    Craven & Ray (2008); exact, as the gradient of -log p_c with respect to weights and
    bias is the outer product of p - e_c and (h, 1).

    >>> expected_gradient_length(np.array([[0.5, 0.5], [1, 0]]), np.zeros(2)).round(4)
    array([0.7071, 0.    ])
    """
    p = np.sort(probs, axis=1)  # one order of summing for every order of classes
    others = (p * p).sum(axis=1, keepdims=True) - p * p
    lengths = np.sqrt(np.maximum(others, 0) + (1 - p) ** 2)  # (n, C)
    found: Floats = (p * lengths).sum(axis=1) * np.sqrt(last_layer_norm**2 + 1)
    return found
