"""Monte Carlo dropout: several predictions of one network with random dropout masks.

The masks of a pass are drawn once for all texts, from its seed and number. So a
prediction does not depend on the other texts, and a unit is dropped at every word of a
text. Sources: dropout as samples of a network's weights, Gal & Ghahramani (2016a); one
mask for all words, and in recurrent layers one for each gate, Gal & Ghahramani (2016b);
one mask for all texts of a pass, Kirsch et al. (2019).

Memory: the result, passes x n x C numbers, and a copy of the recurrent layers.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

from alcli.core.types import Float32s
from alcli.features.vocabulary import TokenIds
from alcli.models.backend import keras, ops
from alcli.models.backend.compiled import CompiledPredict
from alcli.models.networks.batches import predict_rows
from alcli.models.networks.vocabulary_pruning import wrapped_configs

type DrawMask = Callable[[np.random.Generator], None]


class McDropout:
    """Monte Carlo dropout of a network, with its layers before `document` separate.

    Layers before `document`, the trunk, often have no dropout: then they run once.
    random: True if the network has dropout at all.
    """

    def __init__(self, model: keras.Model) -> None:
        document = model.get_layer("document").output
        self._trunk = FixedMaskNetwork(keras.Model(model.inputs, document))
        self._head = FixedMaskNetwork(keras.Model(document, model.outputs[0]))
        self.random = bool(self._trunk.mask_draws or self._head.mask_draws)
        self._lock = Lock()  # threads predict blocks, and masks are shared state

    def __call__(
        self, rows: TokenIds, vectors: Float32s, *, passes: int, seed: int
    ) -> Float32s:
        """Return the class probabilities of each pass, (passes, n, C).

        vectors: outputs of the layer `document` without dropout, (n, d).
        """
        width = self._head.predict.widths[0]
        found = np.empty((passes, len(rows), width), np.float32)
        for number in range(passes if len(rows) else 0):
            rng = np.random.default_rng([seed, number])
            with self._lock:
                self._trunk.draw_masks(rng)
                if self._trunk.mask_draws:
                    [vectors] = predict_rows(self._trunk.predict, rows)
                self._head.draw_masks(rng)
                [found[number]] = self._head.predict(vectors)
        return found


class FixedMaskNetwork:
    """Copy of a network whose dropout masks stay fixed until the next `draw_masks`.

    mask_draws: a function for each mask, which draws and sets it.
    """

    def __init__(self, model: keras.Model) -> None:
        self.mask_draws: list[DrawMask] = []
        self.predict = CompiledPredict(
            keras.models.clone_model(model, clone_function=self._copy_layer)
        )

    def draw_masks(self, rng: np.random.Generator) -> None:
        """Draw new masks."""
        for draw in self.mask_draws:
            draw(rng)

    def _copy_layer(self, layer: Any) -> Any:
        if isinstance(layer, keras.layers.Dropout) and layer.rate:
            mask = _UnitMask(name=layer.name)
            self.mask_draws.append(
                lambda rng: mask.set_mask(dropout_mask(rng, layer.rate, mask.width))
            )
            return mask
        config: dict[str, Any] = getattr(layer, "get_config", dict)()
        parts = [
            part
            for part in (config, *wrapped_configs(config))
            if "recurrent_dropout" in part
            and (part["dropout"] or part["recurrent_dropout"])
        ]
        return self._copy_recurrent(layer, config, parts) if parts else layer

    def _copy_recurrent(
        self, layer: Any, config: dict[str, Any], parts: list[dict[str, Any]]
    ) -> Any:
        """Return a copy of a recurrent layer whose masks apply to its weights.

        To drop an input of a matrix product is to zero a row of the matrix.
        """
        rates = {
            "kernel": parts[0].pop("dropout", 0.0),
            "recurrent_kernel": parts[0].pop("recurrent_dropout", 0.0),
        }
        for part in parts:  # no dropout allows the fast path of a GPU
            part |= {"dropout": 0.0, "recurrent_dropout": 0.0}
        copy = type(layer).from_config(config)
        copy.build_from_config(layer.get_build_config())
        copy.set_weights(layer.get_weights())
        for variable in copy.weights:
            if rate := rates.get(variable.name):
                self.mask_draws.append(_row_mask(variable, rate, parts[0]["units"]))
        return copy


def dropout_mask(rng: np.random.Generator, rate: float, *shape: int) -> Float32s:
    """Return a mask: 0 with probability rate, else 1 / (1 - rate), so the mean is 1.

    >>> dropout_mask(np.random.default_rng(0), 0.5, 4).tolist()
    [2.0, 0.0, 0.0, 0.0]
    """
    return ((rng.random(shape) >= rate) / (1 - rate)).astype(np.float32)


def _row_mask(variable: Any, rate: float, units: int) -> DrawMask:
    """Return a function that draws a mask and applies it to the rows of a matrix."""
    matrix = ops.convert_to_numpy(variable)  # (inputs, gates x units)
    inputs, gates = len(matrix), matrix.shape[1] // units

    def draw(rng: np.random.Generator) -> None:
        rows = np.repeat(dropout_mask(rng, rate, inputs, gates), units, axis=1)
        variable.assign(matrix * rows)

    return draw


class _UnitMask(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Layer that multiplies the last axis by a fixed mask, (d,)."""

    def build(self, shape: Any) -> None:
        self.width = shape[-1]
        self._unit_mask = self.add_weight(
            shape=(self.width,), initializer="ones", trainable=False
        )

    def set_mask(self, values: Float32s) -> None:
        self._unit_mask.assign(values)

    def call(self, x: Any) -> Any:
        return ops.multiply(x, ops.cast(self._unit_mask, x.dtype))
