"""Models on TF-IDF features.

An architecture is a function `(features, targets, weights, **params) -> arrays` with
features a sparse (n, terms) matrix, targets (n,) class numbers, weights (n,) for the
records; the arrays are all there is of the fitted model. Its `predict(arrays,
features) -> (n, C)` probabilities come with it: see `fitted`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# parameters of every model of the family, chosen in examples/defaults; components: the
# width of the vectors of `score --vectors`, 0 for none
NGRAMS = {
    "ngrams": 2,
    "characters": 3,
    "tf": "count",
    "min_count": 2,
    "max_share": 1.0,
}
INPUT = NGRAMS | {"components": 64}

type Arrays = Mapping[str, NDArray[np.float32]]


class Linear:
    """An architecture: how to fit, how to predict, and the arrays of one unfitted."""

    def __init__(
        self,
        fit: Callable[..., Arrays],
        predict: Callable[[Arrays, Any], NDArray[np.float64]],
        unfitted: Callable[[int, int], Arrays],
    ) -> None:
        self.fit, self.predict, self.unfitted = fit, predict, unfitted
        update_wrapper(self, fit)

    def __call__(self, *args: Any, **params: Any) -> Arrays:
        """Fit."""
        return self.fit(*args, **params)


def fitted(
    predict: Callable[[Arrays, Any], NDArray[np.float64]],
    unfitted: Callable[[int, int], Arrays],
) -> Callable[[Callable[..., Arrays]], Linear]:
    """Join a fitting function with `predict(arrays, features)`.

    unfitted: `(terms, classes)` -> the arrays of a model that knows nothing.
    """
    return lambda fit: Linear(fit, predict, unfitted)
