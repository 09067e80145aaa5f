"""Copies of a network: to train it leaves the original as it is.

The copy that is trained knows only the words that occur in its data: an optimiser
such as Adam touches every row of an embedding at each step, whether it occurs or not.
Rows that do not occur have no gradient and would stay as they are, so nothing changes
but the time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.features.vocabulary import Rows
from alcli.models.backend import keras

EMBEDDING = "embedding"  # the layer whose rows are words, 0 is padding


@dataclass(frozen=True)
class Narrow:
    """A network over some of the words: `words` (k,) are their numbers, 0 the first."""

    model: keras.Model
    words: NDArray[np.intp] | None  # None: all of them, as they are

    @classmethod
    def of(cls, model: keras.Model, rows: Rows, precision: str) -> Narrow:
        """Return a copy over the words that occur in rows.

        precision: in which to compute, a name of Keras' dtype policies.
        """
        words = None
        if any(layer.name == EMBEDDING for layer in model.layers):
            words = np.union1d([0], rows.flat[rows.flat > 0])
        copy = _clone(model, None if words is None else len(words), precision)
        copy.set_weights(
            [
                weights if words is None or not is_embedding else weights[words]
                for weights, is_embedding in _weights(model)
            ]
        )
        return cls(copy, words)

    def renumbered(self, rows: Rows) -> Rows:
        """Return rows, of those that it was made of, in this network's own numbers."""
        if self.words is None:
            return rows
        return replace(
            rows, flat=np.searchsorted(self.words, rows.flat).astype(np.int32)
        )

    def widened(self, original: keras.Model) -> keras.Model:
        """Return a copy of the original with what this one has learnt."""
        copy = _clone(original, None, None)
        learnt = []
        for (old, is_embedding), new in zip(
            _weights(original), self.model.get_weights(), strict=True
        ):
            if self.words is None or not is_embedding:
                learnt.append(new)
            else:
                learnt.append(old.copy())
                learnt[-1][self.words] = new
        copy.set_weights(learnt)
        return copy


def _weights(model: keras.Model) -> list[tuple[NDArray[Any], bool]]:
    layer = next((x for x in model.layers if x.name == EMBEDDING), None)
    own = {id(variable) for variable in layer.weights} if layer else set()
    values = model.get_weights()
    return [
        (value, id(variable) in own)
        for variable, value in zip(model.weights, values, strict=True)
    ]


def wrapped(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the configurations of the layers in a wrapper such as Bidirectional."""
    parts = ("layer", "backward_layer", "forward_layer")
    return [config[part]["config"] for part in parts if config.get(part)]


def _clone(model: keras.Model, words: int | None, precision: str | None) -> keras.Model:
    def copied(layer: Any) -> Any:
        config = layer.get_config()
        if words is not None and layer.name == EMBEDDING:
            config["input_dim"] = words
        computes = isinstance(layer, keras.layers.Layer) and layer.name != "probs"
        if computes and precision not in (None, "float32"):
            for part in (config, *wrapped(config)):
                part["dtype"] = precision
        return type(layer).from_config(config)

    return keras.models.clone_model(model, clone_function=copied)
