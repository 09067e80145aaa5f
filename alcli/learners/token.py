"""Networks on rows of word numbers, trained and asked without paying for padding.

Texts are grouped by length into a few widths; the architectures make padding invisible,
so grouping changes no answer.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli import models
from alcli.backend import device, keras
from alcli.core.errors import InputError
from alcli.core.params import defaults as defaults_of
from alcli.core.report import log
from alcli.learners import Labelled, Members, Options, Prediction, refuse
from alcli.text.vocabulary import Encoder, vocabulary

WORDS = {"min_count": 5, "max_share": 0.4, "length": 128, "truncate": "end"}
EPOCHS = 10
PACKAGES = ("numpy", "keras", keras.backend.backend())
WIDTHS = np.array([8, 12, 16, 24, 32, 48, 64, 96, 128])
WINDOW = 50  # batches that are sorted by length together
PREDICT_BATCH = 512

type Rows = Sequence[list[int]]


class TokenLearner:
    """A network with its words."""

    def __init__(
        self,
        arch: str,
        labels: Sequence[str],
        params: Mapping[str, Any],
        words: Sequence[str],
        model: keras.Model,
    ) -> None:
        self.arch, self.labels, self.params = arch, list(labels), dict(params)
        self.words, self.model = words, model
        self.encode = Encoder(
            words, length=params["length"], truncate=params["truncate"]
        )

    def predict(self, texts: Sequence[str], want: Collection[str] = ()) -> Prediction:
        """Return class probabilities, (n, C), and the `document` layer's vectors."""
        refuse("token", want, {"vectors"})
        model = self._with_vectors if want else self.model
        return Prediction(*ask(model, self.encode(texts)))

    @cached_property
    def _with_vectors(self) -> keras.Model:
        document = self.model.get_layer("document").output
        return keras.Model(self.model.inputs, [self.model.output, document])

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
    return WORDS | defaults_of(models.get(arch))


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
    own = {k: v for k, v in params.items() if k not in WORDS}
    network = models.get(arch)(len(words), len(labels), seed=seed, **own)
    return TokenLearner(arch, labels, params, words, network)


def grown(start: TokenLearner, labels: Sequence[str], *, seed: int) -> TokenLearner:
    """Return the start with more classes; their part of the last layer is untrained."""
    make = models.families()["token"].own(start.arch)  # never a stranger's code
    own = {k: v for k, v in start.params.items() if k not in WORDS}
    network = make(len(start.words), len(labels), seed=seed, **own)
    weights = network.get_weights()
    for new, old in zip(weights, start.model.get_weights(), strict=True):
        new[..., : old.shape[-1]] = old  # all but the last layer's are as large
    network.set_weights(weights)
    return TokenLearner(start.arch, labels, start.params, start.words, network)


def fit(
    start: TokenLearner, data: Labelled, options: Options, *, seed: int
) -> tuple[TokenLearner, list[dict[str, float]]]:
    """Train the start's network further, by Adam on the cross-entropy.

    With patience, the weights of the epoch with the lowest validation loss are kept.

    Raises:
        InputError: the loss is no longer a number.
    """
    model = keras.models.clone_model(start.model)  # the start stays as it is
    model.set_weights(start.model.get_weights())
    model.compile(
        keras.optimizers.Adam(options.learning_rate), "sparse_categorical_crossentropy"
    )
    rows, rng = start.encode(data.texts), np.random.default_rng(seed)
    held = options.validation
    held_rows = start.encode(held.texts) if held else []
    history: list[dict[str, float]] = []
    best: tuple[float, int, list[Any]] = (np.inf, 0, [])
    for epoch in range(1, (options.epochs or EPOCHS) + 1):
        loss = _epoch(model, rows, data, options, rng, epoch)
        record = {"epoch": epoch, "loss": round(loss, 6)}
        if held:
            [probs] = ask(model, held_rows)
            right = probs[np.arange(len(probs)), held.targets]
            held_loss = float(-np.log(np.maximum(right, 1e-7)).mean())
            hits = float((probs.argmax(axis=1) == held.targets).mean())
            record |= {
                "validation_loss": round(held_loss, 6),
                "validation_accuracy": round(hits, 6),
            }
            if options.patience is not None and held_loss < best[0]:
                best = held_loss, epoch, model.get_weights()
        history.append(record)
        if sys.stderr.isatty():  # a log gets the last epoch only
            log.info("%s", _line(record))
        if options.patience is not None and epoch - best[1] >= options.patience:
            break
    if best[2]:
        model.set_weights(best[2])
    kept = f", kept epoch {best[1]}" if best[2] else ""
    log.info("%d epochs on %s: %s%s", len(history), device(), _line(history[-1]), kept)
    fitted = TokenLearner(start.arch, start.labels, start.params, start.words, model)
    return fitted, history


def load(spec: Mapping[str, Any], members: Members) -> TokenLearner:
    """Return the learner that `save` described; nothing in the file is executed."""
    with tempfile.TemporaryDirectory(prefix="alcli-") as folder:
        path = os.path.join(folder, "model.keras")
        with open(path, "wb") as file:
            file.write(members["model.keras"])
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    words = members["vocabulary.txt"].decode().split("\n")[:-1]
    return TokenLearner(spec["arch"], spec["labels"], spec["params"], words, network)


def ask(model: keras.Model, rows: Rows) -> list[NDArray[np.float32]]:
    """Return each output of a network, (n, d), each text at nearly its own width."""
    lengths = np.fromiter(map(len, rows), np.intp, len(rows))
    order = np.argsort(lengths, kind="stable")
    answers = [
        np.empty((len(rows), out.shape[-1]), np.float32) for out in model.outputs
    ]
    for first in range(0, len(rows), PREDICT_BATCH):
        batch = order[first : first + PREDICT_BATCH]
        found = model.predict_on_batch(padded([rows[i] for i in batch]))
        for answer, part in zip(
            answers, found if len(answers) > 1 else [found], strict=True
        ):
            answer[batch] = part
    return answers


def padded(rows: Rows) -> NDArray[np.int32]:
    """Return rows as an array, (n, width), filled with 0 to the next of the widths."""
    lengths = np.fromiter(map(len, rows), np.intp, len(rows))
    longest = max(1, int(lengths.max(initial=1)))
    place = int(np.searchsorted(WIDTHS, longest))
    width = int(WIDTHS[place]) if place < len(WIDTHS) else longest
    array = np.zeros((len(rows), width), np.int32)
    flat = [number for row in rows for number in row]
    array[np.arange(width) < lengths[:, None]] = flat
    return array


def _epoch(
    model: keras.Model,
    rows: Rows,
    data: Labelled,
    options: Options,
    rng: np.random.Generator,
    epoch: int,
) -> float:
    total = 0.0
    for batch in _batches(rows, options, rng):
        loss = float(
            model.train_on_batch(
                padded([rows[i] for i in batch]),
                data.targets[batch],
                sample_weight=data.weights[batch],
            )
        )
        if not np.isfinite(loss):
            raise InputError(
                f"training diverged in epoch {epoch}: the loss is {loss}; "
                "try a lower --learning-rate"
            )
        total += loss * len(batch)
    return total / len(rows)


def _batches(
    rows: Rows, options: Options, rng: np.random.Generator
) -> Iterator[NDArray[np.intp]]:
    size, n = options.batch_size, len(rows)
    if not options.shuffle:
        yield from (np.arange(a, min(a + size, n)) for a in range(0, n, size))
        return
    lengths = np.fromiter(map(len, rows), np.intp, n)
    order = rng.permutation(n)
    for first in range(0, n, size * WINDOW):
        window = order[first : first + size * WINDOW]
        window = window[np.argsort(lengths[window], kind="stable")]
        batches = [window[a : a + size] for a in range(0, len(window), size)]
        yield from (batches[i] for i in rng.permutation(len(batches)))


def _line(record: Mapping[str, float]) -> str:
    return ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in record.items())
