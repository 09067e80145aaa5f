"""Whether probabilities mean what they say."""

from __future__ import annotations

from typing import Any

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


RANGE = (0.05, 20.0)  # of temperatures
_SQUEEZED, _CERTAIN = 10.0, 16.0  # log-odds: p = 0.99995; the last below 1 in float32


def tempered[F: np.floating[Any]](probs: NDArray[F], temperature: float) -> NDArray[F]:
    """Return p^(1/T), each row divided by its sum, (..., C); T = 1 changes nothing.

    For a softmax layer it is softmax(scores / T) (Guo et al., 2017, section 4.2). A
    class that a T below 1 would put more than e^10 behind the likeliest is put on a
    line from there to e^16, so that no probability becomes 1 in float32 that was not,
    and records that differed still differ.
    """
    logs = np.log(np.maximum(probs, np.finfo(np.float32).tiny))
    behind = logs.max(axis=-1, keepdims=True) - logs
    start = _SQUEEZED * min(temperature, 1.0)
    line = _SQUEEZED + (behind - start) * (_CERTAIN - _SQUEEZED) / (_CERTAIN - start)
    powers = np.exp(-np.minimum(behind / temperature, line))
    scaled: NDArray[F] = (powers / powers.sum(axis=-1, keepdims=True)).astype(
        probs.dtype
    )
    return scaled


def temperature(targets: Ints, probs: Floats) -> float:
    """Return the T in RANGE under which the log loss is lowest.

    targets: (n,) class numbers. probs: (n, C), of records that trained nothing.
    """
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_t: log_loss(targets, tempered(probs, float(np.exp(log_t)))),
        bounds=np.log(RANGE),
        method="bounded",
    )
    return float(np.exp(found.x))


def at_bound(temperature: float) -> bool:
    """Check whether a temperature is at an end of RANGE."""
    return bool(np.abs(np.log(RANGE) - np.log(temperature)).min() < 0.01)
