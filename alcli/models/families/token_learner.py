"""Neural network with its vocabulary, as a checkpoint holds it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from alcli.features.vocabulary import Encoder
from alcli.models.backend import keras
from alcli.models.backend.compiled import CompiledPredict
from alcli.models.families import (
    Members,
    Prediction,
    no_dropout_error,
    reject_unavailable,
)
from alcli.models.networks.batches import predict_rows
from alcli.models.networks.mc_dropout import McDropout
from alcli.models.networks.vocabulary_pruning import EMBEDDING
from alcli.models.networks.word_gradients import WordGradientNorms


@dataclass(frozen=True, eq=False)
class TokenLearner:
    """Neural network with its vocabulary.

    labels: class names. params: of vocabulary and architecture. encode: encoder of
    texts, which copies share.
    """

    arch: str
    labels: list[str]
    params: dict[str, Any]
    words: Sequence[str]
    model: keras.Model
    encode: Encoder

    @classmethod
    def of(
        cls,
        arch: str,
        labels: Sequence[str],
        params: Mapping[str, Any],
        words: Sequence[str],
        model: keras.Model,
    ) -> Self:
        """Return a learner with an encoder of its words."""
        encode = Encoder(words, length=params["length"], truncate=params["truncate"])
        return cls(arch, [*labels], {**params}, words, model, encode)

    def predict(
        self,
        texts: Sequence[str],
        want: Collection[str] = (),
        *,
        passes: int = 20,
        seed: int = 0,
    ) -> Prediction:
        """Return class probabilities, (n, C), with the requested extra arrays.

        vectors: output of the layer `document`, (n, d). member_probs: probabilities of
        dropout passes, (passes, n, C), see `networks/mc_dropout.py`.
        word_gradient_norms: (n, words), see `networks/word_gradients.py`.

        Raises:
            UsageError: the network cannot compute a requested field.
        """
        has = {"vectors", "member_probs", "last_layer_norm"}
        if any(layer.name == EMBEDDING for layer in self.model.layers):
            has.add("word_gradient_norms")
        reject_unavailable("token", want, has)
        if "member_probs" in want and not self._mc_dropout.random:
            raise no_dropout_error(self.arch)
        rows = self.encode(texts)
        if not want:
            return Prediction(*predict_rows(self._predict_probs, rows))
        probs, vectors = predict_rows(self._predict_with_vectors, rows)
        found: dict[str, Any] = {}
        if "member_probs" in want:
            found["member_probs"] = self._mc_dropout(
                rows, vectors, passes=passes, seed=seed
            )
        if "word_gradient_norms" in want:
            found["word_gradient_norms"] = self._word_gradient_norms(rows)
        if "last_layer_norm" in want:
            found["last_layer_norm"] = np.linalg.norm(vectors, axis=1)
        return Prediction(probs, vectors, **found)

    @cached_property
    def _predict_probs(self) -> CompiledPredict:
        return CompiledPredict(self.model)

    @cached_property
    def _predict_with_vectors(self) -> CompiledPredict:
        document = self.model.get_layer("document").output
        return CompiledPredict(
            keras.Model(self.model.inputs, [*self.model.outputs, document])
        )

    @cached_property
    def _word_gradient_norms(self) -> WordGradientNorms:
        return WordGradientNorms(self.model)

    @cached_property
    def _mc_dropout(self) -> McDropout:
        return McDropout(self.model)

    def cache_texts(self, texts: Sequence[str]) -> None:
        """Precompute and cache the indices of texts; fitted copies share the cache."""
        self.encode.cache_texts(texts)

    def save(self) -> tuple[dict[str, Any], Members]:
        """Return the vocabulary as a text file, and the network in Keras' format."""
        with tempfile.TemporaryDirectory(prefix="alcli-") as folder:
            path = os.path.join(folder, "model.keras")
            # a new model on the same layers leaves out the optimiser's state
            keras.Model(self.model.inputs, self.model.outputs).save(path)
            with open(path, "rb") as file:
                network = file.read()
        spec = {"arch": self.arch, "labels": self.labels, "params": self.params}
        words = "".join(f"{word}\n" for word in self.words).encode()
        return spec, {"model.keras": network, "vocabulary.txt": words}

    @classmethod
    def load(cls, spec: Mapping[str, Any], members: Members) -> Self:
        """Return the learner that `save` saved, without executing code of the file."""
        with tempfile.TemporaryDirectory(prefix="alcli-") as folder:
            path = os.path.join(folder, "model.keras")
            with open(path, "wb") as file:
                file.write(members["model.keras"])
            network = keras.saving.load_model(path, compile=False, safe_mode=True)
        words = members["vocabulary.txt"].decode().split("\n")[:-1]
        return cls.of(spec["arch"], spec["labels"], spec["params"], words, network)
