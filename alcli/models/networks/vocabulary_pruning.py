"""Vocabulary pruning: training copies of a network with fewer embedding rows.

A training copy has embedding rows for the words of its data only, because an optimiser
such as Adam updates every row at each step. Rows of other words have no gradient and
would not change, so pruning saves time without changing the result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.core.types import Indices
from alcli.features.vocabulary import TokenIds
from alcli.models.backend import keras

EMBEDDING = "embedding"  # name of the layer with a row for each word


@dataclass(frozen=True)
class PrunedModel:
    """Copy of a network with fewer words.

    words: indices of its words in the original, (k,), 0 for padding first.
    """

    model: keras.Model
    words: Indices | None  # None: not pruned

    @classmethod
    def of(cls, model: keras.Model, rows: TokenIds, precision: str) -> PrunedModel:
        """Return a copy with the words that occur in rows.

        Without a layer named EMBEDDING the copy has all words. precision: a name of
        Keras' dtype policies, such as mixed_float16.
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

    def renumber(self, rows: TokenIds) -> TokenIds:
        """Return rows with the word indices of the copy."""
        if self.words is None:
            return rows
        return replace(
            rows, flat=np.searchsorted(self.words, rows.flat).astype(np.int32)
        )

    def merge_back(self, original: keras.Model) -> keras.Model:
        """Return a copy of the original network with the trained weights."""
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
    """Return each weight array, with True for those of the embedding."""
    layer = next((x for x in model.layers if x.name == EMBEDDING), None)
    own = {id(variable) for variable in layer.weights} if layer else set()
    values = model.get_weights()
    return [
        (value, id(variable) in own)
        for variable, value in zip(model.weights, values, strict=True)
    ]


def wrapped_configs(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the configurations of the layers wrapped by one such as Bidirectional."""
    parts = ("layer", "backward_layer", "forward_layer")
    return [config[part]["config"] for part in parts if config.get(part)]


def _clone(model: keras.Model, words: int | None, precision: str | None) -> keras.Model:
    """Return an untrained copy; None for words or precision keeps that of the model."""

    def copy_layer(layer: Any) -> Any:
        config = layer.get_config()
        if words is not None and layer.name == EMBEDDING:
            config["input_dim"] = words
        computes = isinstance(layer, keras.layers.Layer) and layer.name != "probs"
        if computes and precision not in (None, "float32"):
            for part in (config, *wrapped_configs(config)):
                part["dtype"] = precision
        return type(layer).from_config(config)

    return keras.models.clone_model(model, clone_function=copy_layer)
