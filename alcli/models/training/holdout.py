"""Which labelled records train, how often, which are held out, how much each counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import exp, factorial

import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import UsageError
from alcli.core.ids import seeded_uniform
from alcli.core.report import log
from alcli.models.families import Labelled, Options

FEWEST_HELD, FEWEST_OF_A_CLASS = 50, 5  # for early stopping
HOLD_OUT = 0x686F6C64  # one salt for all: a record stays on its side in every round
LARGEST_WEIGHT = 3.0  # of a capped class, see examples/defaults
CLASS_WEIGHTS = ("capped", "balanced", "none")
BOOTSTRAP = 0x626F6F74  # what is drawn must not follow what was asked by the same seed


def parse_share(validation: str | float | None) -> tuple[float, bool]:
    """Return the share to hold out, and whether it is the tail of the file.

    >>> parse_share("tail=0.2")
    (0.2, True)

    Raises:
        UsageError: it is neither a share nor `tail=` and one.
    """
    text = str(validation or 0)
    try:
        share = float(text.removeprefix("tail="))
    except ValueError:
        share = -1
    if not 0 <= share < 1:
        raise UsageError(
            f"--validation {text}: expected a share such as 0.1 or tail=0.2"
        )
    return share, text.startswith("tail=")


def sides(
    ids: Sequence[str],
    texts: Sequence[str],
    names: Sequence[str],
    labels: Sequence[str],
    *,
    share: float,
    tail: bool,
    class_weight: str,
    bootstrap: int | None = None,
) -> tuple[Labelled, Labelled | None]:
    """Return the records to train on, and those held out, if any.

    share: held out by the hash of the id, or with `tail` the last of the file.
    class_weight: see `class_weights`. bootstrap: a seed, by which the records to train
    on are drawn with replacement (`times_drawn`).
    """
    n = len(ids)
    held: NDArray[np.bool_] = seeded_uniform(HOLD_OUT, ids) < share
    if tail:
        held = np.arange(n) >= int(n * (1 - share))  # where Keras cuts
    number = {name: place for place, name in enumerate(labels)}
    targets = np.fromiter((number[name] for name in names), np.intp, n)
    rows = np.flatnonzero(~held)
    if bootstrap is not None:
        some = [ids[row] for row in rows.tolist()]
        rows = np.repeat(rows, times_drawn(bootstrap, some, targets[rows]))
    counts = np.bincount(targets[rows], minlength=len(labels))
    weights = class_weights(counts, class_weight)[targets]
    train, rest = (
        Labelled([texts[row] for row in side.tolist()], targets[side], weights[side])
        for side in (rows, np.flatnonzero(held))
    )
    return train, rest if held.any() else None


def class_weights(counts: NDArray[np.intp], class_weight: str) -> NDArray[np.float64]:
    """Return the weight of a record of each class, (C,), from their numbers, (C,).

    class_weight: "balanced" is n / (C * n_c), C the number of classes that have
    records, as in scikit-learn; "capped" is the same, but at most LARGEST_WEIGHT, so
    that a very rare class does not drown the others; "none" is 1.

    >>> class_weights(np.array([90, 8, 2]), "capped").round(2).tolist()
    [0.37, 3.0, 3.0]
    """
    if class_weight == "none":
        return np.ones(len(counts))
    balanced = counts.sum() / (max(1, (counts > 0).sum()) * np.maximum(counts, 1))
    most = np.inf if class_weight == "balanced" else LARGEST_WEIGHT
    weights: NDArray[np.float64] = np.minimum(balanced, most)
    return weights


def times_drawn(
    seed: int, ids: Sequence[str], targets: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return how often each record is drawn with replacement, shape (n,).

    targets: class numbers, (n,). At random, by seed and id alone, so a record is drawn
    as often whatever else is there, and in any order: Poisson(1), what drawing n of n
    comes to for many (Oza & Russell, 2001). Of a class of which none would be drawn,
    the record that came nearest is drawn once: a rare class stays in every member.

    >>> times_drawn(0, ["a", "b", "c", "d", "e", "f"], np.zeros(6, int)).tolist()
    [2, 1, 1, 2, 0, 1]
    >>> times_drawn(0, ["a", "e"], np.arange(2)).tolist()
    [2, 1]
    """
    shares = [exp(-1) / factorial(times) for times in range(20)]
    chance = seeded_uniform(seed ^ BOOTSTRAP, ids)
    times = np.searchsorted(np.cumsum(shares), chance)
    for target in np.setdiff1d(targets, targets[times > 0]):
        times[np.argmax(np.where(targets == target, chance, 0))] = 1
    return times


def without_hasty_stopping(options: Options, classes: int) -> Options:
    """Leave out early stopping where too few held-out records would decide it."""
    if options.patience is None:
        return options
    held = options.validation
    counts = np.bincount(held.targets if held else [], minlength=classes)
    if counts.sum() >= FEWEST_HELD and counts.min() >= FEWEST_OF_A_CLASS:
        return options
    log.warning(
        "no early stopping: %d validation records, %d of the rarest class "
        "(%d and %d are needed)",
        counts.sum(),
        counts.min(),
        FEWEST_HELD,
        FEWEST_OF_A_CLASS,
    )
    return replace(options, patience=None)
