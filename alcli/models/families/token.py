"""Family of neural networks on word indices, in batches of nearly equal lengths."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from alcli.core.params import defaults as defaults_of
from alcli.core.report import log
from alcli.features.vocabulary import Encoder, build_vocabulary
from alcli.models import architectures
from alcli.models.architectures.token import INPUT
from alcli.models.backend import (
    describe_device,
    explain_out_of_memory,
    keras,
    unused_gpu_warning,
)
from alcli.models.backend.compiled import CompiledPredict, clear_kernel_cache
from alcli.models.families import (
    FitResult,
    LabelledTexts,
    Members,
    Prediction,
    no_dropout_error,
    reject_unavailable,
)
from alcli.models.networks.batches import predict_rows
from alcli.models.networks.loop import Examples, TrainingLoop
from alcli.models.networks.mc_dropout import McDropout
from alcli.models.networks.vocabulary_pruning import EMBEDDING, PrunedModel
from alcli.models.networks.word_gradients import WordGradientNorms
from alcli.models.settings import TrainingSettings

EPOCHS = 10
MIN_STEPS = 80  # of the optimiser, by default: few labels give few steps per epoch
PACKAGES = ("numpy", "keras", keras.backend.backend())


class TokenLearner:
    """Neural network with its vocabulary."""

    def __init__(
        self,
        arch: str,
        labels: Sequence[str],
        params: Mapping[str, Any],
        words: Sequence[str],
        model: keras.Model,
        encode: Encoder | None = None,
    ) -> None:
        self.arch, self.labels, self.params = arch, list(labels), dict(params)
        self.words, self.model = words, model
        self.encode = encode or Encoder(
            words, length=params["length"], truncate=params["truncate"]
        )

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


def defaults(arch: str) -> dict[str, Any]:
    """Return the parameters of vocabulary and architecture, with their defaults."""
    return INPUT | defaults_of(architectures.get(arch))


def new(
    arch: str,
    labels: Sequence[str],
    corpus: Sequence[str],
    params: Mapping[str, Any],
    *,
    seed: int,
) -> TokenLearner:
    """Return an untrained network, with the vocabulary of a corpus.

    params: as in `defaults`. seed: seed of initialisers and of dropout.

    Raises:
        BadParameter: a parameter is out of range.
        InputError: the corpus has no frequent word.
        SurroundingsError: memory ran out.
    """
    words = build_vocabulary(
        corpus, min_count=params["min_count"], max_share=params["max_share"]
    )
    own = {k: v for k, v in params.items() if k not in INPUT}
    with explain_out_of_memory("lower the sizes of the network with --set"):
        network = architectures.get(arch)(len(words), len(labels), seed=seed, **own)
    return TokenLearner(arch, labels, params, words, network)


def add_classes(
    start: TokenLearner, labels: Sequence[str], *, seed: int
) -> TokenLearner:
    """Return a copy of a network with more classes, untrained in the last layer."""
    # `own`, for a checkpoint must not name code to run
    make = architectures.registries()["token"].builtin(start.arch)
    own = {k: v for k, v in start.params.items() if k not in INPUT}
    network = make(len(start.words), len(labels), seed=seed, **own)
    weights = network.get_weights()
    for new, old in zip(weights, start.model.get_weights(), strict=True):
        new[..., : old.shape[-1]] = old  # shapes differ in the last layer only
    network.set_weights(weights)
    return TokenLearner(start.arch, labels, start.params, start.words, network)


def fit(
    start: TokenLearner,
    data: LabelledTexts,
    held: LabelledTexts | None,
    settings: TrainingSettings,
) -> FitResult:
    """Train a copy of a network further.

    held: validation texts, if any. settings: its seed is that of the order of records.

    Raises:
        InputError: the loss or a weight is not finite.
        SurroundingsError: memory ran out.
    """
    occurring = start.encode([*data.texts, *(held.texts if held else ())])
    copy = PrunedModel.of(start.model, occurring, settings.precision)

    def examples(part: LabelledTexts) -> Examples:
        rows = copy.renumber(start.encode(part.texts))
        return Examples(rows, part.targets, part.weights)

    n, known = len(data.texts), len(start.words)
    log.info("%s records, %s words, on %s", f"{n:,}", f"{known:,}", describe_device())
    if problem := unused_gpu_warning():
        log.warning("%s", problem)
    epochs = settings.epochs or default_epochs(n, settings.batch_size)
    loop = TrainingLoop(settings, epochs)
    loop.run(copy.model, examples(data), examples(held) if held else None)
    clear_kernel_cache()  # half a megabyte per network, in a long simulation
    network = copy.merge_back(start.model)
    learner = TokenLearner(
        start.arch, start.labels, start.params, start.words, network, start.encode
    )
    return FitResult(learner, loop.history, loop.kept_epoch, loop.interrupted)


def default_epochs(records: int, batch_size: int) -> int:
    """Return the default number of epochs: EPOCHS, or more to make MIN_STEPS steps.

    >>> default_epochs(100, 64), default_epochs(500, 64)
    (40, 10)
    """
    steps = math.ceil(max(records, 1) / batch_size)  # per epoch
    return max(EPOCHS, math.ceil(MIN_STEPS / steps))


def load(spec: Mapping[str, Any], members: Members) -> TokenLearner:
    """Return the learner that `save` saved, without executing code of the file."""
    with tempfile.TemporaryDirectory(prefix="alcli-") as folder:
        path = os.path.join(folder, "model.keras")
        with open(path, "wb") as file:
            file.write(members["model.keras"])
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    words = members["vocabulary.txt"].decode().split("\n")[:-1]
    return TokenLearner(spec["arch"], spec["labels"], spec["params"], words, network)
