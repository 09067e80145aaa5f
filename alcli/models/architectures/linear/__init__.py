"""Linear architectures: models on TF-IDF features.

An architecture is a function `(features, targets, weights, **params) -> arrays`.
features: sparse matrix, (n, terms). targets: class indices, (n,). weights: sample
weights, (n,). The arrays are the whole fitted model. The decorator
`linear_architecture` adds `predict(arrays, features) -> probabilities, (n, C)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any

from alcli.core.types import Float32s, Floats

# Parameters of every model of the family; examples/defaults measures why these values.
# components: the number of columns of `score --vectors`, 0 for no vectors.
NGRAMS = {
    "ngrams": 2,
    "characters": 3,
    "tf": "count",
    "min_count": 2,
    "max_share": 1.0,
}
INPUT = NGRAMS | {"components": 64}

type Arrays = Mapping[str, Float32s]


class LinearArchitecture:
    """An architecture: its functions to fit, to predict, and to make unfitted arrays.

    fit: `(features, targets, weights, **params) -> arrays`.
    predict: `(arrays, features) -> probabilities, (n, C)`.
    unfitted: `(terms, classes) -> arrays` of an unfitted model.
    """

    def __init__(
        self,
        fit: Callable[..., Arrays],
        predict: Callable[[Arrays, Any], Floats],
        unfitted: Callable[[int, int], Arrays],
    ) -> None:
        self.fit, self.predict, self.unfitted = fit, predict, unfitted
        update_wrapper(self, fit)

    def __call__(self, *args: Any, **params: Any) -> Arrays:
        """Return the arrays of a fitted model."""
        return self.fit(*args, **params)


def linear_architecture(
    predict: Callable[[Arrays, Any], Floats],
    unfitted: Callable[[int, int], Arrays],
) -> Callable[[Callable[..., Arrays]], LinearArchitecture]:
    """Return a decorator that makes a fitting function a `LinearArchitecture`.

    predict: `(arrays, features) -> probabilities, (n, C)`. unfitted: `(terms, classes)
    -> arrays` of a model under which all classes are equally probable.
    """
    return lambda fit: LinearArchitecture(fit, predict, unfitted)
