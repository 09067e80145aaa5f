"""Whether probabilities mean what they say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.intp]


def brier(targets: Ints, probs: Floats) -> float:
    """Return the mean of sum_c (p_c - y_c)^2, in [0, 2] (Brier, 1950)."""
    truth = np.eye(probs.shape[1])[targets]
    return float(((probs - truth) ** 2).sum(axis=1).mean())


def log_loss(targets: Ints, probs: Floats) -> float:
    """Return the mean of -log p of the right class, in nats; p at least 1e-15."""
    right = probs[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(right, 1e-15)).mean())


def expected_calibration_error(
    targets: Ints, probs: Floats, *, bins: int = 15
) -> float:
    """Return the mean gap between confidence and accuracy (Guo et al., 2017, eq. 3).

    Bins of equal width over the probability of the predicted class, weighted by size.
    """
    sure = probs.max(axis=1)
    hits = probs.argmax(axis=1) == targets
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights=hits - sure, minlength=bins)
    return float(np.abs(gaps).sum() / len(sure))
