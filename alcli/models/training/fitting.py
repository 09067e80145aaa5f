"""Fit of a learner on the training records, and calibration on the held-out ones."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alcli.core.errors import InputError
from alcli.core.log import log
from alcli.models.checkpoint import Checkpoint
from alcli.models.families import LabelledTexts, Learner, load_family
from alcli.models.settings import TrainingSettings
from alcli.models.training.holdout import (
    FEWEST_HELD,
    FEWEST_OF_A_CLASS,
    disable_early_stopping_if_few,
    split_train_validation,
)
from alcli.models.training.records import LabelledRecords
from alcli.numerics import calibration

_UNTRAINED: dict[str, Any] = {"records": 0, "epochs": 0, "kept_epoch": 0, "history": []}


@dataclass(frozen=True)
class TrainingResult:
    """Result of a fit: the learner, its temperature and its training record.

    key: key of the training. summary: counts and history, JSON-ready.
    """

    learner: Learner
    temperature: float
    key: str
    summary: Mapping[str, Any] = field(default_factory=lambda: _UNTRAINED)


@dataclass(frozen=True)
class Fitting:
    """Fit of a family's models.

    family: name of the start's family. init: the checkpoint of the start, if any.
    """

    family: str
    init: Checkpoint | None
    settings: TrainingSettings

    def untrained(self, start: Learner, key: str) -> TrainingResult:
        """Return the start, not fitted, with the temperature of `init`."""
        return TrainingResult(start, self.init.temperature if self.init else 1.0, key)

    def fit(
        self, start: Learner, records: LabelledRecords, labels: Sequence[str], key: str
    ) -> TrainingResult:
        """Return the start, fitted on the records that are not held out.

        labels: class names, in the order of the probabilities. key: the training's key.

        Raises:
            InputError: the records have fewer than two classes, and there is no `init`
                to keep; or the loss is not finite.
        """
        data, held = split_train_validation(
            records.ids, records.texts, records.names, labels, self.settings
        )
        summary = {
            "records": len(records),
            "validation_records": len(held.texts) if held else 0,
            "classes": Counter(records.names),
        }
        if not self._has_two_classes(data, labels):
            unchanged = self.untrained(start, key)
            return replace(unchanged, summary=_UNTRAINED | summary)
        _warn_rare_classes(records.names, labels)
        _log_weights(data, labels, self.settings.class_weight)
        settings = disable_early_stopping_if_few(self.settings, held, len(labels))
        fitted = load_family(self.family).fit(start, data, held, settings)
        summary |= {
            "epochs": len(fitted.history),
            "kept_epoch": fitted.kept_epoch,
            "interrupted": fitted.interrupted,
            "history": fitted.history,
        }
        if fitted.interrupted:  # the result depends on the epoch kept
            key = sha256_of_values(key, fitted.kept_epoch)
        found = self._fit_temperature(fitted.learner, held)
        return TrainingResult(fitted.learner, found, key, summary)

    def _has_two_classes(self, data: LabelledTexts, labels: Sequence[str]) -> bool:
        """Return True to fit, False to keep `init`, for lack of a second class."""
        found = [labels[number] for number in sorted(set(data.targets.tolist()))]
        if len(found) > 1:
            return True
        names = ", ".join(found) or "none"
        if not self.init:
            raise too_few_classes(f"the {len(data.texts)} labelled records have", names)
        log.warning(
            "the %d labelled records have: %s; the --init model is kept",
            len(data.texts),
            names,
        )
        return False

    def _fit_temperature(self, learner: Learner, held: LabelledTexts | None) -> float:
        """Return the temperature fitted on held-out records, 1 for none."""
        if self.settings.calibrate == "none":
            return 1.0
        n = len(held.texts) if held else 0
        if not held or n < FEWEST_HELD:
            log.warning(
                "no calibration: %d validation records, at least %d are needed",
                n,
                FEWEST_HELD,
            )
            return 1.0
        probs = learner.predict(held.texts).probs.astype(float)
        found = calibration.fit_temperature(held.targets, probs)
        log.info("temperature %.3f, from %d records", found, n)
        if calibration.is_at_range_end(found):
            log.warning(
                "temperature %.3f is at the bound of its range, %g to %g: the %d "
                "validation records, all %s, do not determine it; do not rely on the "
                "probabilities",
                found,
                *calibration.TEMPERATURE_RANGE,
                n,
                "predicted correctly" if found < 1 else "predicted at chance level",
            )
        return round(found, 6)


def too_few_classes(subject: str, found: str) -> InputError:
    """Return the error for records with fewer than two classes.

    subject: start of the message's second part. found: class names, or none.
    """
    return InputError(
        f"two classes are needed to train, {subject}: {found}; label records of "
        "another class (`alcli select -s random`), or start from --init MODEL"
    )


def _warn_rare_classes(names: Sequence[str], labels: Sequence[str]) -> None:
    """Warn of the classes with fewer than FEWEST_OF_A_CLASS records."""
    counts = Counter(names)
    rare = [f"{x} {counts[x]}" for x in labels if counts[x] < FEWEST_OF_A_CLASS]
    if rare:
        log.warning(
            "classes with fewer than %d labelled records, poorly learnt: %s",
            FEWEST_OF_A_CLASS,
            ", ".join(rare),
        )


def _log_weights(data: LabelledTexts, labels: Sequence[str], class_weight: str) -> None:
    """Log the weight of each class, unless all are 1."""
    weights = dict(zip(data.targets.tolist(), data.weights.tolist(), strict=True))
    if set(weights.values()) != {1.0}:
        each = ", ".join(f"{labels[c]} {weights[c]:.2f}" for c in sorted(weights))
        log.info("class weights (%s): %s", class_weight, each)


def sha256_of_values(*parts: Any) -> str:
    """Return the sha256 of JSON-ready values, as hex digits."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
