"""Family of neural networks on word indices, in batches of nearly equal lengths."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from alcli.core.log import log
from alcli.core.params import defaults as defaults_of
from alcli.features.vocabulary import build_vocabulary
from alcli.models import architectures
from alcli.models.architectures.token import INPUT
from alcli.models.backend import (
    describe_device,
    explain_out_of_memory,
    keras,
    unused_gpu_warning,
)
from alcli.models.backend.compiled import clear_kernel_cache
from alcli.models.families import FitResult, LabelledTexts
from alcli.models.families.token_learner import TokenLearner
from alcli.models.networks.loop import Examples, TrainingLoop
from alcli.models.networks.vocabulary_pruning import PrunedModel
from alcli.models.settings import TrainingSettings

EPOCHS = 10
MIN_STEPS = 80  # of the optimiser, by default: few labels give few steps per epoch
PACKAGES = ("numpy", "keras", keras.backend.backend())
load = TokenLearner.load


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
    return TokenLearner.of(arch, labels, params, words, network)


def add_classes(
    start: TokenLearner, labels: Sequence[str], *, seed: int
) -> TokenLearner:
    """Return a copy of a network with more classes, untrained in the last layer."""
    # built-in ones only: a checkpoint must not name code to run
    make = architectures.registries()["token"].builtin(start.arch)
    own = {k: v for k, v in start.params.items() if k not in INPUT}
    network = make(len(start.words), len(labels), seed=seed, **own)
    weights = network.get_weights()
    for new, old in zip(weights, start.model.get_weights(), strict=True):
        new[..., : old.shape[-1]] = old  # shapes differ in the last layer only
    network.set_weights(weights)
    return replace(start, labels=[*labels], model=network)


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
    learner = replace(start, model=copy.merge_back(start.model))
    return FitResult(learner, loop.history, loop.kept_epoch, loop.interrupted)


def default_epochs(records: int, batch_size: int) -> int:
    """Return the default number of epochs: EPOCHS, or more to make MIN_STEPS steps.

    >>> default_epochs(100, 64), default_epochs(500, 64)
    (40, 10)
    """
    steps = math.ceil(max(records, 1) / batch_size)  # per epoch
    return max(EPOCHS, math.ceil(MIN_STEPS / steps))
