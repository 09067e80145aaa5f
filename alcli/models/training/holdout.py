"""Train and validation split, bootstrap counts and sample weights of records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import exp, factorial

import numpy as np
from numpy.typing import NDArray

from alcli.core.ids import seeded_uniform
from alcli.core.log import log
from alcli.core.types import Floats, Indices
from alcli.models.families import LabelledTexts
from alcli.models.settings import TrainingSettings

# fewest validation records for early stopping and calibration, in all and per class
FEWEST_HELD, FEWEST_OF_A_CLASS = 50, 5
HOLD_OUT = 0x686F6C64  # a constant salt: a record stays on its side in every round
LARGEST_WEIGHT = 3.0  # of class_weight capped, measured in examples/defaults
BOOTSTRAP = 0x626F6F74  # a salt, for `select` draws records by the same seed


def split_train_validation(
    ids: Sequence[str],
    texts: Sequence[str],
    names: Sequence[str],
    labels: Sequence[str],
    settings: TrainingSettings,
) -> tuple[LabelledTexts, LabelledTexts | None]:
    """Return the training texts, and the held-out texts or None.

    ids, texts, names: ids, texts and label names of n records. labels: class names, in
    the order of the class indices. settings: `holdout`, the share that is held out, by
    the hash of the id or from the tail; `class_weight`, see `class_weights`;
    `bootstrap`, to draw the training records with replacement, see `bootstrap_counts`.
    """
    n, (share, tail) = len(ids), settings.holdout
    held: NDArray[np.bool_] = seeded_uniform(HOLD_OUT, ids) < share
    if tail:
        held = np.arange(n) >= int(n * (1 - share))  # the same split as in Keras
    number = {name: place for place, name in enumerate(labels)}
    targets = np.fromiter((number[name] for name in names), np.intp, n)
    rows = np.flatnonzero(~held)
    if settings.bootstrap:
        some = [ids[row] for row in rows.tolist()]
        rows = np.repeat(rows, bootstrap_counts(settings.seed, some, targets[rows]))
    counts = np.bincount(targets[rows], minlength=len(labels))
    weights = class_weights(counts, settings.class_weight)[targets]
    train, rest = (
        LabelledTexts(
            [texts[row] for row in side.tolist()], targets[side], weights[side]
        )
        for side in (rows, np.flatnonzero(held))
    )
    return train, rest if held.any() else None


def class_weights(counts: Indices, class_weight: str) -> Floats:
    """Return the weight of each class, (C,).

    counts: number of records of each class, (C,). class_weight: "balanced" for
    n / (C * n_c) as in scikit-learn, with C the number of classes that have records;
    "capped" for the same, but at most LARGEST_WEIGHT, so that very rare classes do not
    dominate; "none" for 1.

    >>> class_weights(np.array([90, 8, 2]), "capped").round(2).tolist()
    [0.37, 3.0, 3.0]
    """
    if class_weight == "none":
        return np.ones(len(counts))
    balanced = counts.sum() / (max(1, (counts > 0).sum()) * np.maximum(counts, 1))
    most = np.inf if class_weight == "balanced" else LARGEST_WEIGHT
    weights: Floats = np.minimum(balanced, most)
    return weights


def bootstrap_counts(seed: int, ids: Sequence[str], targets: Indices) -> Indices:
    """Return the number of times that each record is drawn with replacement, (n,).

    targets: class indices, (n,). The counts are Poisson(1), the limit of drawing n of n
    records (Oza & Russell, 2001). They depend on seed and id alone, not on the other
    records or their order, but for one rule: if no record of a class is drawn, the
    nearest one is drawn once, so every class stays in every committee member.

    >>> bootstrap_counts(0, ["a", "b", "c", "d", "e", "f"], np.zeros(6, int)).tolist()
    [2, 1, 1, 2, 0, 1]
    >>> bootstrap_counts(0, ["a", "e"], np.arange(2)).tolist()
    [2, 1]
    """
    shares = [exp(-1) / factorial(times) for times in range(20)]  # Poisson(1)
    chance = seeded_uniform(seed ^ BOOTSTRAP, ids)
    times = np.searchsorted(np.cumsum(shares), chance)
    for target in np.setdiff1d(targets, targets[times > 0]):
        times[np.argmax(np.where(targets == target, chance, 0))] = 1
    return times


def disable_early_stopping_if_few(
    settings: TrainingSettings, held: LabelledTexts | None, classes: int
) -> TrainingSettings:
    """Return the settings, without early stopping if few records are held out."""
    if settings.patience is None:
        return settings
    counts = np.bincount(held.targets if held else [], minlength=classes)
    if counts.sum() >= FEWEST_HELD and counts.min() >= FEWEST_OF_A_CLASS:
        return settings
    log.warning(
        "no early stopping: %d validation records, %d of the rarest class; "
        "at least %d and %d are needed",
        counts.sum(),
        counts.min(),
        FEWEST_HELD,
        FEWEST_OF_A_CLASS,
    )
    return replace(settings, patience=None)
