"""Expected gradient length of a softmax layer, in closed form."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


def expected_length(probs: Floats, fed: Floats) -> Floats:
    """Return sum_c p_c ||p - e_c|| sqrt(||h||^2 + 1), shape (n,).

    The norm of the gradient of -log p_c by the layer's weights and bias is that of
    (p - e_c) x (h, 1), so this is exact (Settles, Craven & Ray, 2008). probs: (n, C),
    fed: (n,) the norm of h, what the layer is fed.

    >>> expected_length(np.array([[0.5, 0.5], [1, 0]]), np.zeros(2)).round(4)
    array([0.7071, 0.    ])
    """
    p = np.sort(probs, axis=1)  # one order of summing for every order of classes
    others = (p * p).sum(axis=1, keepdims=True) - p * p
    lengths = np.sqrt(np.maximum(others, 0) + (1 - p) ** 2)  # (n, C)
    found: Floats = (p * lengths).sum(axis=1) * np.sqrt(fed * fed + 1)
    return found
