"""Fit a learner to one side of the records, and calibrate it on the other."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alcli.checkpoint import Checkpoint
from alcli.core.errors import InputError
from alcli.core.report import log
from alcli.learners import Labelled, Learner, Options, family
from alcli.metrics import calibration
from alcli.training.records import Records
from alcli.training.sides import FEWEST_HELD, sides, without_hasty_stopping

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

    share, tail: what is held out, see `sides`. balanced: rare classes count for more.
    bootstrap: the records are drawn with replacement, by the seed.
    """

    family: str
    init: Checkpoint | None
    share: float
    tail: bool
    balanced: bool
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
            balanced=self.balanced,
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
        kind = "drawn" if self.bootstrap else "labelled"
        said = f"{len(data.texts)} {kind} records have: {', '.join(found) or 'none'}"
        if not self.init:
            raise InputError(f"two classes are needed to train, the {said}")
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
        return round(found, 6)


def sha256_of_values(*parts: Any) -> str:
    """Return the sha256 of values as JSON."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
