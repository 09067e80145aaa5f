"""Networks on rows of word numbers, trained and asked without paying for padding.

How is told in `alcli/models/networks`.
"""

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
from alcli.features.vocabulary import Encoder, vocabulary
from alcli.models import architectures
from alcli.models.architectures.token import INPUT
from alcli.models.backend import device, enough_memory, keras, unused_gpu
from alcli.models.backend.compiled import Asker, forget
from alcli.models.families import (
    Fitted,
    Labelled,
    Members,
    Options,
    Prediction,
    no_dropout,
    refuse,
)
from alcli.models.networks.batches import ask
from alcli.models.networks.loop import Examples, Loop
from alcli.models.networks.mc_dropout import Passes
from alcli.models.networks.vocabulary_pruning import EMBEDDING, Narrow
from alcli.models.networks.word_gradients import Slopes

EPOCHS = 10
STEPS = 80  # at least, by default: few labels make few steps an epoch
PACKAGES = ("numpy", "keras", keras.backend.backend())


class TokenLearner:
    """A network with its words."""

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
        """Return class probabilities, (n, C), and the `document` layer's vectors.

        The stack, (passes, n, C), is of passes of dropout: see `networks/thinned.py`;
        slopes, (n, words), are in `networks/slopes.py`.
        """
        cut = any(layer.name == EMBEDDING for layer in self.model.layers)
        refuse("token", want, {"vectors", "stack", "fed", *(["slopes"] if cut else [])})
        if "stack" in want and not self._passes.random:
            raise no_dropout(self.arch)
        rows = self.encode(texts)
        if not want:
            return Prediction(*ask(self._plain, rows))
        probs, vectors = ask(self._with_vectors, rows)
        stack = None
        if "stack" in want:
            stack = self._passes(rows, vectors, passes=passes, seed=seed)
        slopes = self._slopes(rows) if "slopes" in want else None
        fed = np.linalg.norm(vectors, axis=1) if "fed" in want else None
        return Prediction(probs, vectors, stack, slopes, fed)

    @cached_property
    def _plain(self) -> Asker:
        return Asker(self.model)

    @cached_property
    def _with_vectors(self) -> Asker:
        document = self.model.get_layer("document").output
        return Asker(keras.Model(self.model.inputs, [*self.model.outputs, document]))

    @cached_property
    def _slopes(self) -> Slopes:
        return Slopes(self.model)

    @cached_property
    def _passes(self) -> Passes:
        return Passes(self.model)

    def remember(self, texts: Sequence[str]) -> None:
        """Look at texts once that are met often, after fitting too."""
        self.encode.remember(texts)

    def save(self) -> tuple[dict[str, Any], Members]:
        """Return the words as text and the network in Keras' own format."""
        with tempfile.TemporaryDirectory(prefix="alcli-") as folder:
            path = os.path.join(folder, "model.keras")
            # a new model around the same layers: without the optimiser's state
            keras.Model(self.model.inputs, self.model.outputs).save(path)
            with open(path, "rb") as file:
                network = file.read()
        spec = {"arch": self.arch, "labels": self.labels, "params": self.params}
        words = "".join(f"{word}\n" for word in self.words).encode()
        return spec, {"model.keras": network, "vocabulary.txt": words}


def defaults(arch: str) -> dict[str, Any]:
    """Return the parameters of the words and of the architecture."""
    return INPUT | defaults_of(architectures.get(arch))


def new(
    arch: str,
    labels: Sequence[str],
    corpus: Sequence[str],
    params: Mapping[str, Any],
    *,
    seed: int,
) -> TokenLearner:
    """Return an untrained network over the words of the corpus."""
    words = vocabulary(
        corpus, min_count=params["min_count"], max_share=params["max_share"]
    )
    own = {k: v for k, v in params.items() if k not in INPUT}
    with enough_memory("lower the sizes of the network with --set"):
        network = architectures.get(arch)(len(words), len(labels), seed=seed, **own)
    return TokenLearner(arch, labels, params, words, network)


def grown(start: TokenLearner, labels: Sequence[str], *, seed: int) -> TokenLearner:
    """Return the start with more classes; their part of the last layer is untrained."""
    make = architectures.families()["token"].builtin(
        start.arch
    )  # never a stranger's code
    own = {k: v for k, v in start.params.items() if k not in INPUT}
    network = make(len(start.words), len(labels), seed=seed, **own)
    weights = network.get_weights()
    for new, old in zip(weights, start.model.get_weights(), strict=True):
        new[..., : old.shape[-1]] = old  # all but the last layer's are as large
    network.set_weights(weights)
    return TokenLearner(start.arch, labels, start.params, start.words, network)


def fit(start: TokenLearner, data: Labelled, options: Options, *, seed: int) -> Fitted:
    """Train a copy of the start's network further.

    Raises:
        InputError: the loss is no longer a number.
        SurroundingsError: memory ran out.
    """
    held = options.validation
    seen = start.encode([*data.texts, *(held.texts if held else ())])
    copy = Narrow.of(start.model, seen, options.precision)

    def examples(part: Labelled) -> Examples:
        rows = copy.renumbered(start.encode(part.texts))
        return Examples(rows, part.targets, part.weights)

    n, known = len(data.texts), len(start.words)
    log.info("%s records, %s words, on %s", f"{n:,}", f"{known:,}", device())
    if problem := unused_gpu():
        log.warning("%s", problem)
    loop = Loop(
        epochs=options.epochs or default_epochs(n, options.batch_size),
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        schedule=options.schedule,
        warmup=options.warmup,
        patience=options.patience,
        shuffle=options.shuffle,
        keep=options.on_interrupt == "save",
        precision=options.precision,
    )
    loop.run(copy.model, examples(data), examples(held) if held else None, seed=seed)
    forget()  # else each network of a long simulation leaves half a megabyte behind
    network = copy.widened(start.model)
    learner = TokenLearner(
        start.arch, start.labels, start.params, start.words, network, start.encode
    )
    return Fitted(learner, loop.history, loop.kept, loop.interrupted)


def default_epochs(records: int, batch_size: int) -> int:
    """Return EPOCHS, or as many as make STEPS steps of the optimiser.

    >>> default_epochs(100, 64), default_epochs(500, 64)
    (40, 10)
    """
    steps = math.ceil(max(records, 1) / batch_size)  # in an epoch
    return max(EPOCHS, math.ceil(STEPS / steps))


def load(spec: Mapping[str, Any], members: Members) -> TokenLearner:
    """Return the learner that `save` described; nothing in the file is executed."""
    with tempfile.TemporaryDirectory(prefix="alcli-") as folder:
        path = os.path.join(folder, "model.keras")
        with open(path, "wb") as file:
            file.write(members["model.keras"])
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    words = members["vocabulary.txt"].decode().split("\n")[:-1]
    return TokenLearner(spec["arch"], spec["labels"], spec["params"], words, network)
