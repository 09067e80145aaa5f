"""Calibration of class probabilities: scores, and temperature scaling."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.core.types import Floats, Ints


def brier(targets: Ints, probs: Floats) -> float:
    """Return the mean of sum_c (p_c - y_c)^2, in [0, 2] (Brier, 1950).

    targets: (n,), class numbers. probs: (n, C).
    """
    truth = np.eye(probs.shape[1])[targets]
    return float(((probs - truth) ** 2).sum(axis=1).mean())


def log_loss(targets: Ints, probs: Floats) -> float:
    """Return the mean of -log p of the true class, in nats; p is at least 1e-15.

    targets: (n,), class numbers. probs: (n, C).
    """
    right = probs[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(right, 1e-15)).mean())


def expected_calibration_error(
    targets: Ints, probs: Floats, *, bins: int = 15
) -> float:
    """Return the mean gap between confidence and accuracy (Guo et al., 2017, eq. 3).

    targets: (n,), class numbers. probs: (n, C). bins: number of bins of equal width
    over the probability of the predicted class, weighted by size.
    """
    confidence = probs.max(axis=1)
    hits = probs.argmax(axis=1) == targets
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights=hits - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


TEMPERATURE_RANGE = (0.05, 20.0)
_SQUEEZED, _CERTAIN = 10.0, 16.0  # log-odds: p = 0.99995; the last below 1 in float32


def apply_temperature[F: np.floating[Any]](
    probs: NDArray[F], temperature: float
) -> NDArray[F]:
    """Return p^(1/T), each row divided by its sum, (..., C); T = 1 changes nothing.

    Equal to softmax(scores / T) of a softmax layer (Guo et al., 2017, section 4.2),
    except for classes that a T below 1 would put more than e^10 behind the likeliest.
    """
    # A linear map squeezes their log-odds into 10 to 16: no probability below 1 becomes
    # 1 in float32, and records with different probabilities keep different ones.
    logs = np.log(np.maximum(probs, np.finfo(np.float32).tiny))
    behind = logs.max(axis=-1, keepdims=True) - logs
    start = _SQUEEZED * min(temperature, 1.0)
    line = _SQUEEZED + (behind - start) * (_CERTAIN - _SQUEEZED) / (_CERTAIN - start)
    powers = np.exp(-np.minimum(behind / temperature, line))
    scaled: NDArray[F] = (powers / powers.sum(axis=-1, keepdims=True)).astype(
        probs.dtype
    )
    return scaled


def fit_temperature(targets: Ints, probs: Floats) -> float:
    """Return the T in TEMPERATURE_RANGE with the lowest log loss.

    targets: (n,), class numbers. probs: (n, C), of held-out records.
    """
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_t: log_loss(targets, apply_temperature(probs, float(np.exp(log_t)))),
        bounds=np.log(TEMPERATURE_RANGE),
        method="bounded",
    )
    return float(np.exp(found.x))


def is_at_range_end(temperature: float) -> bool:
    """Check whether a temperature is at an end of TEMPERATURE_RANGE."""
    return bool(np.abs(np.log(TEMPERATURE_RANGE) - np.log(temperature)).min() < 0.01)
