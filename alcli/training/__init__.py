"""Gather labelled records and make a checkpoint of them.

What identifies a training is its key: sha256 of the records used (ids, labels, texts,
in order), of the start, and of every argument that could change the outcome.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from typing import Any

from alcli import models
from alcli.checkpoint import Checkpoint
from alcli.core import threads
from alcli.core.errors import InputError, UsageError
from alcli.core.report import log, sha256_of
from alcli.core.step import Block, Result
from alcli.learners import Labelled, Learner, Options, family
from alcli.metrics import calibration
from alcli.training.records import Records
from alcli.training.sides import FEWEST_HELD, parse_share, sides, without_hasty_stopping
from alcli.training.unused import refuse_unused


class Training:
    """Takes blocks of labelled records; `run()` fits."""

    def __init__(
        self,
        *,
        arch: str | None = None,
        init: Checkpoint | None = None,
        init_path: str | None = None,
        classes: Sequence[str] = (),
        field: str = "tokens",
        params: Mapping[str, Any],
        validation: str | float | None = None,
        class_weight: str = "none",
        calibrate: str = "none",
        grow_classes: bool = False,
        seed: int = 0,
    ) -> None:
        known = init.labels if init else []
        if grow_classes and not init:
            raise UsageError("--grow-classes goes with --init")
        if known and classes and not grow_classes and list(classes) != known:
            raise UsageError(
                f"--init has the classes {', '.join(known)}; --grow-classes adds others"
            )
        if field in ("id", "label"):
            raise UsageError(f"--field {field}: a model cannot read that")
        self.arch, self.init, self.init_path = arch, init, init_path
        self.classes = [*known, *(c for c in classes if c not in known)]
        self.grow_classes = grow_classes
        self.field = init.input if init else field
        self.family = init.family if init else models.family_of(arch or "")
        self.params, self.class_weight, self.seed = params, class_weight, seed
        self.share, self.tail = parse_share(validation)
        self.calibrate = calibrate
        if calibrate != "none" and not self.share:
            raise UsageError(f"--calibrate {calibrate} needs --validation SHARE")
        self.records = Records(self.field, self._problem)

    def add(self, block: Block) -> Result:
        """Keep the labelled records of a block.

        Raises:
            InputError: a record lacks the field, or has a class that is not known.
        """
        return self.records.add(block)

    def run(
        self,
        corpus: Iterable[str] | None = None,
        *,
        files: Sequence[str] = (),
        **fitting: Any,
    ) -> Checkpoint:
        """Return the fitted checkpoint; with `epochs=0` an untrained one.

        fitting: the fields of `Options`.
        """
        start, options = time.monotonic(), Options(**fitting)
        refuse_unused(
            self.family,
            options,
            validation=self.share,
            calibrate=self.calibrate,
            class_weight=self.class_weight,
        )
        labels = [*self.classes, *sorted({*self.records.names} - {*self.classes})]
        if len(labels) < 2:
            raise InputError(
                f"two classes are needed to train, found: {labels or 'none'}"
            )
        learner, key_of_start = self._start(labels, corpus)
        arguments = self._arguments(options)
        key = _sha256(self.records.digest(), key_of_start, arguments)
        if options.epochs == 0:
            made = _Outcome(learner, self._temperature_of_start(), key)
        else:
            made = self._fit(learner, labels, options, key)
        training = {
            **made.summary,
            "key": made.key,
            "arguments": arguments,
            "inputs": [{"path": f, "sha256": sha256_of(f)} for f in files],
            "parents": [{"path": self.init_path, "key": key_of_start}]
            if self.init
            else [],
            "threads": threads.count(),
            "versions": {
                p: version(p) for p in ("alcli", *family(self.family).PACKAGES)
            },
            "seconds": round(time.monotonic() - start, 3),
        }
        return Checkpoint(
            made.learner, self.family, self.field, made.temperature, training
        )

    def _start(
        self, labels: Sequence[str], corpus: Iterable[str] | None
    ) -> tuple[Learner, str | None]:
        made = family(self.family)
        if self.init:
            learner = self.init.learner
            if len(labels) > len(self.init.labels):
                learner = made.grown(learner, labels, seed=self.seed)
            return learner, self.init.training["key"]
        texts = self.records.texts if corpus is None else list(corpus)
        if not texts:
            raise InputError(
                "no text to take a vocabulary from: name labelled records, "
                "or --vocabulary-from FILE"
            )
        params = made.defaults(self.arch or "") | dict(self.params)
        learner = made.new(self.arch or "", labels, texts, params, seed=self.seed)
        words = hashlib.sha256("\0".join(texts).encode()).hexdigest()
        return learner, None if corpus is None else words

    def _fit(
        self, start: Learner, labels: Sequence[str], options: Options, key: str
    ) -> _Outcome:
        records = self.records
        data, held = sides(
            records.ids,
            records.texts,
            records.names,
            labels,
            share=self.share,
            tail=self.tail,
            balanced=self.class_weight == "balanced",
        )
        summary = {
            "records": len(records),
            "validation_records": len(held.texts) if held else 0,
            "classes": Counter(records.names),
        }
        if not self._teaches(data, labels):
            return self._unchanged(start, key, summary)
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
            key = _sha256(key, fitted.kept)
        found = self._temperature(fitted.learner, held)
        return _Outcome(fitted.learner, found, key, summary)

    def _teaches(self, data: Labelled, labels: Sequence[str]) -> bool:
        found = [labels[number] for number in sorted(set(data.targets.tolist()))]
        if len(found) > 1:
            return True
        said = f"{len(data.texts)} labelled records have: {', '.join(found) or 'none'}"
        if not self.init:
            raise InputError(f"two classes are needed to train, the {said}")
        log.warning("the %s; the model stays that of --init", said)
        return False

    def _unchanged(
        self, start: Learner, key: str, summary: Mapping[str, Any]
    ) -> _Outcome:
        assert self.init is not None
        if start is self.init.learner:  # the same model has the same key
            key = self.init.training["key"]
        return _Outcome(
            start, self._temperature_of_start(), key, _NOTHING | dict(summary)
        )

    def _temperature_of_start(self) -> float:
        return self.init.temperature if self.init else 1.0

    def _temperature(self, learner: Learner, held: Labelled | None) -> float:
        if self.calibrate == "none":
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

    def _problem(self, label: str) -> str | None:
        free = self.grow_classes or not self.classes
        if free or label in self.classes:
            return None
        remedy = "--grow-classes adds it" if self.init else "name every --class"
        return f'label "{label}" is not one of {", ".join(self.classes)}; {remedy}'

    def _arguments(self, options: Options) -> dict[str, Any]:
        """Return all that could change the outcome."""
        own = {
            "arch": self.arch,
            "params": dict(self.params),
            "classes": self.classes,
            "grow_classes": self.grow_classes,
            "field": self.field,
            "validation": [self.share, self.tail],
            "class_weight": self.class_weight,
            "calibrate": self.calibrate,
            "seed": self.seed,
        }
        return asdict(options) | own | {"on_interrupt": None}


_NOTHING: dict[str, Any] = {"records": 0, "epochs": 0, "kept_epoch": 0, "history": []}


@dataclass(frozen=True)
class _Outcome:
    learner: Learner
    temperature: float
    key: str
    summary: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


def _sha256(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
