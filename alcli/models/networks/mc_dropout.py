"""Passes of dropout: what a network says with some of its units left out.

Which units, is drawn for a whole pass from its seed and number: one smaller network
answers every text, so no answer depends on what is asked beside it, and a unit is left
out at every word of a text. Sources: dropout as samples of a network's weights, Gal &
Ghahramani (2016a); one mask for all words, and in recurrent layers one for each gate,
Gal & Ghahramani (2016b); one mask for all texts of a pass, Kirsch et al. (2019).

Memory: what is asked for, passes x n x C numbers; and a copy of recurrent layers.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.features.vocabulary import Rows
from alcli.models.backend import keras, ops
from alcli.models.backend.compiled import Asker
from alcli.models.networks.batches import ask
from alcli.models.networks.vocabulary_pruning import wrapped

type Draw = Callable[[np.random.Generator], None]


class Passes:
    """A network, cut at its layer `document`; what is before it has often no dropout.

    random: whether the network has dropout at all.
    """

    def __init__(self, model: keras.Model) -> None:
        document = model.get_layer("document").output
        self._trunk = Thinned(keras.Model(model.inputs, document))
        self._head = Thinned(keras.Model(document, model.outputs[0]))
        self.random = bool(self._trunk.draws or self._head.draws)
        self._lock = Lock()  # blocks are asked about in threads

    def __call__(
        self, rows: Rows, vectors: NDArray[np.float32], *, passes: int, seed: int
    ) -> NDArray[np.float32]:
        """Return the probabilities of each pass, (passes, n, C).

        vectors: (n, d), what the layer `document` gives without dropout.
        """
        width = self._head.ask.widths[0]
        found = np.empty((passes, len(rows), width), np.float32)
        for number in range(passes if len(rows) else 0):
            rng = np.random.default_rng([seed, number])
            with self._lock:
                self._trunk.draw(rng)
                if self._trunk.draws:
                    [vectors] = ask(self._trunk.ask, rows)
                self._head.draw(rng)
                [found[number]] = self._head.ask(vectors)
        return found


class Thinned:
    """A copy of a network, to be asked after each `draw` of the units that stay."""

    def __init__(self, model: keras.Model) -> None:
        self.draws: list[Draw] = []
        self.ask = Asker(keras.models.clone_model(model, clone_function=self._copied))

    def draw(self, rng: np.random.Generator) -> None:
        """Leave out other units."""
        for draw in self.draws:
            draw(rng)

    def _copied(self, layer: Any) -> Any:
        if isinstance(layer, keras.layers.Dropout) and layer.rate:
            thin = _Thin(name=layer.name)
            self.draws.append(lambda rng: thin.keep(kept(rng, layer.rate, thin.width)))
            return thin
        config: dict[str, Any] = getattr(layer, "get_config", dict)()
        parts = [
            part
            for part in (config, *wrapped(config))
            if "recurrent_dropout" in part
            and (part["dropout"] or part["recurrent_dropout"])
        ]
        return self._recurrent(layer, config, parts) if parts else layer

    def _recurrent(
        self, layer: Any, config: dict[str, Any], parts: list[dict[str, Any]]
    ) -> Any:
        """Return a copy; to leave out what a matrix is fed is to leave out its rows."""
        rates = {
            "kernel": parts[0].pop("dropout", 0.0),
            "recurrent_kernel": parts[0].pop("recurrent_dropout", 0.0),
        }
        for part in parts:  # without them it may take the fast path of a GPU
            part |= {"dropout": 0.0, "recurrent_dropout": 0.0}
        copy = type(layer).from_config(config)
        copy.build_from_config(layer.get_build_config())
        copy.set_weights(layer.get_weights())
        for variable in copy.weights:
            if rate := rates.get(variable.name):
                self.draws.append(_thinning(variable, rate, parts[0]["units"]))
        return copy


def kept(rng: np.random.Generator, rate: float, *shape: int) -> NDArray[np.float32]:
    """Return 0 for what is left out and 1 / (1 - rate) for the rest, so the mean is 1.

    >>> kept(np.random.default_rng(0), 0.5, 4).tolist()
    [2.0, 0.0, 0.0, 0.0]
    """
    return ((rng.random(shape) >= rate) / (1 - rate)).astype(np.float32)


def _thinning(variable: Any, rate: float, units: int) -> Draw:
    matrix = ops.convert_to_numpy(variable)  # (inputs, gates x units)
    inputs, gates = len(matrix), matrix.shape[1] // units

    def draw(rng: np.random.Generator) -> None:
        rows = np.repeat(kept(rng, rate, inputs, gates), units, axis=1)
        variable.assign(matrix * rows)

    return draw


class _Thin(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Multiplies each unit, the last axis, by what was kept of it."""

    def build(self, shape: Any) -> None:
        self.width = shape[-1]
        self._kept = self.add_weight(
            shape=(self.width,), initializer="ones", trainable=False
        )

    def keep(self, values: NDArray[np.float32]) -> None:
        self._kept.assign(values)

    def call(self, x: Any) -> Any:
        return ops.multiply(x, ops.cast(self._kept, x.dtype))
