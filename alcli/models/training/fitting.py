"""Fit a learner to one side of the records, and calibrate it on the other."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alcli.core.errors import InputError
from alcli.core.report import log
from alcli.models.checkpoint import Checkpoint
from alcli.models.families import Labelled, Learner, Options, family
from alcli.models.training.holdout import (
    FEWEST_HELD,
    FEWEST_OF_A_CLASS,
    sides,
    without_hasty_stopping,
)
from alcli.models.training.records import Records
from alcli.numerics import calibration

_NOTHING: dict[str, Any] = {"records": 0, "epochs": 0, "kept_epoch": 0, "history": []}


@dataclass(frozen=True)
class Outcome:
    """What came of it. key: of the training; summary: for the checkpoint's card."""

    learner: Learner
    temperature: float
    key: str
    summary: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """How records are used. init: the checkpoint that the start comes from, if any.

    share, tail: what is held out, and class_weight: see `sides`.
    bootstrap: the records are drawn with replacement, by the seed.
    """

    family: str
    init: Checkpoint | None
    share: float
    tail: bool
    class_weight: str
    calibrate: bool
    seed: int
    bootstrap: bool = False

    def untrained(self, start: Learner, key: str) -> Outcome:
        """Return the start as it is."""
        return Outcome(start, self.init.temperature if self.init else 1.0, key)

    def fit(
        self,
        start: Learner,
        records: Records,
        labels: Sequence[str],
        options: Options,
        key: str,
    ) -> Outcome:
        """Return the start, fitted to the records that are not held out.

        Raises:
            InputError: they are of one class, and there is no `init` to stay with.
        """
        data, held = sides(
            records.ids,
            records.texts,
            records.names,
            labels,
            share=self.share,
            tail=self.tail,
            class_weight=self.class_weight,
            bootstrap=self.seed if self.bootstrap else None,
        )
        summary = {
            "records": len(records),
            "validation_records": len(held.texts) if held else 0,
            "classes": Counter(records.names),
        }
        if not self._teaches(data, labels):
            unchanged = self.untrained(start, key)
            return replace(unchanged, summary=_NOTHING | summary)
        _warn_of_few(records.names, labels)
        _log_weights(data, labels, self.class_weight)
        options = replace(options, validation=held)
        options = without_hasty_stopping(options, len(labels))
        fitted = family(self.family).fit(start, data, options, seed=self.seed)
        summary |= {
            "epochs": len(fitted.history),
            "kept_epoch": fitted.kept,
            "interrupted": fitted.interrupted,
            "history": fitted.history,
        }
        if fitted.interrupted:
            key = sha256_of_values(key, fitted.kept)
        found = self._temperature(fitted.learner, held)
        return Outcome(fitted.learner, found, key, summary)

    def _teaches(self, data: Labelled, labels: Sequence[str]) -> bool:
        found = [labels[number] for number in sorted(set(data.targets.tolist()))]
        if len(found) > 1:
            return True
        names = ", ".join(found) or "none"
        if not self.init:
            raise too_few_classes(f"the {len(data.texts)} labelled records have", names)
        said = f"{len(data.texts)} labelled records have: {names}"
        log.warning("the %s; the model stays that of --init", said)
        return False

    def _temperature(self, learner: Learner, held: Labelled | None) -> float:
        if not self.calibrate:
            return 1.0
        n = len(held.texts) if held else 0
        if not held or n < FEWEST_HELD:
            log.warning(
                "no calibration: %d validation records (%d are needed)", n, FEWEST_HELD
            )
            return 1.0
        probs = learner.predict(held.texts).probs.astype(float)
        found = calibration.temperature(held.targets, probs)
        log.info("temperature %.3f, from %d records", found, n)
        if calibration.at_bound(found):
            log.warning(
                "temperature %.3f is at the end of its range, %g to %g: %d validation "
                "records that are all %s do not tell it; do not take the probabilities "
                "at their word",
                found,
                *calibration.RANGE,
                n,
                "predicted right" if found < 1 else "predicted as by chance",
            )
        return round(found, 6)


def too_few_classes(who: str, found: str) -> InputError:
    """Return the error of records that have one class or none; found: its name."""
    return InputError(
        f"two classes are needed to train, {who}: {found}; label records of another "
        "class (`alcli select -s random`), or --init MODEL, which stays until there are"
    )


def _warn_of_few(names: Sequence[str], labels: Sequence[str]) -> None:
    counts = Counter(names)
    few = [f"{x} {counts[x]}" for x in labels if counts[x] < FEWEST_OF_A_CLASS]
    if few:
        log.warning(
            "classes with fewer than %d labelled records, little is learnt of them: %s",
            FEWEST_OF_A_CLASS,
            ", ".join(few),
        )


def _log_weights(data: Labelled, labels: Sequence[str], how: str) -> None:
    """Log the weight of each class, unless all are 1."""
    weights = dict(zip(data.targets.tolist(), data.weights.tolist(), strict=True))
    if set(weights.values()) != {1.0}:
        each = ", ".join(f"{labels[c]} {weights[c]:.2f}" for c in sorted(weights))
        log.info("class weights (%s): %s", how, each)


def sha256_of_values(*parts: Any) -> str:
    """Return the sha256 of values as JSON."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
