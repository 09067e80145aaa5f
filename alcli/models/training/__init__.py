"""Training: from blocks of labelled records to a checkpoint.

The key of a training is the sha256 of its records (ids, labels and texts, in order), of
its start, and of every argument that could change the result.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

from alcli.core import threads
from alcli.core.errors import InputError, UsageError
from alcli.core.report import sha256_of
from alcli.core.step import Block, Result
from alcli.models import architectures
from alcli.models.checkpoint import Checkpoint
from alcli.models.families import Learner, load_family
from alcli.models.settings import (
    DEFAULT_ARCH,
    LOOP_SETTINGS,
    ModelSettings,
    TrainingSettings,
)
from alcli.models.training.fitting import Fitting, sha256_of_values, too_few_classes
from alcli.models.training.option_checks import reject_ineffective_options
from alcli.models.training.records import LabelledRecords


class Training:
    """Training of a model: `add` collects labelled records, `run` fits.

    Raises:
        CheckpointError: the file of `init` is missing or damaged.
        UsageError: the classes contradict those of `init`.
    """

    def __init__(self, model: ModelSettings, settings: TrainingSettings) -> None:
        self.init_path = model.init if isinstance(model.init, str) else None
        init = Checkpoint.load(model.init) if self.init_path else model.init
        known = init.labels if init else []
        fixed = known and not model.grow_classes
        if fixed and model.classes and list(model.classes) != known:
            raise UsageError(
                f"--init has the classes {', '.join(known)}; "
                "add others with --grow-classes"
            )
        self.init: Checkpoint | None = init
        self.arch = model.arch or (None if init else DEFAULT_ARCH)
        self.family = init.family if init else architectures.family_of(self.arch or "")
        self.classes = [*known, *(c for c in model.classes if c not in known)]
        self.grow_classes, self.params = model.grow_classes, model.params
        self.field = init.input if init else model.field or "tokens"
        self.settings = settings
        self.records = LabelledRecords(self.field, self._label_error)

    def add(self, block: Block) -> Result:
        """Collect the labelled records of a block; return their counts.

        Raises:
            InputError: a record lacks the field, or its label is empty or unknown.
        """
        return self.records.add(block)

    def run(
        self,
        corpus: Iterable[str] | None = None,
        *,
        files: Sequence[str] = (),
    ) -> Checkpoint:
        """Return the fitted checkpoint, or with `epochs=0` an untrained one.

        corpus: texts for the vocabulary; None for those of the records. files: paths of
        the input files, for the training record.

        Raises:
            UsageError: an option has no effect on this fit.
            InputError: there are fewer than two classes, or no text, or the loss is not
                finite.
        """
        start, settings = time.monotonic(), self.settings
        reject_ineffective_options(self.family, settings)
        labels = [*self.classes, *sorted({*self.records.names} - {*self.classes})]
        if len(labels) < 2:
            if settings.epochs == 0:
                raise InputError("two classes are needed; name each with --class")
            raise too_few_classes("found", ", ".join(labels) or "none")
        learner, key_of_start = self._start(labels, corpus)
        arguments = self._arguments()
        key = sha256_of_values(self.records.digest(), key_of_start, arguments)
        fitting = Fitting(self.family, self.init, settings)
        if settings.epochs == 0:
            result = fitting.untrained(learner, key)
        else:
            result = fitting.fit(learner, self.records, labels, key)
        training = {
            **result.summary,
            "key": result.key,
            "arguments": arguments,
            "inputs": [{"path": f, "sha256": sha256_of(f)} for f in files],
            "parents": [{"path": self.init_path, "key": key_of_start}]
            if self.init
            else [],
            "threads": threads.count(),
            "versions": {
                p: version(p) for p in ("alcli", *load_family(self.family).PACKAGES)
            },
            "seconds": round(time.monotonic() - start, 3),
        }
        return Checkpoint(
            result.learner, self.family, self.field, result.temperature, training
        )

    def _start(
        self, labels: Sequence[str], corpus: Iterable[str] | None
    ) -> tuple[Learner, str | None]:
        """Return the learner to fit, and the key of what it was made from."""
        family = load_family(self.family)
        if self.init:
            learner = self.init.learner
            if len(labels) > len(self.init.labels):
                learner = family.add_classes(learner, labels, seed=self.settings.seed)
            return learner, self.init.training["key"]
        texts = self.records.texts if corpus is None else list(corpus)
        if not texts:
            raise InputError(
                "no text for the vocabulary; "
                "give labelled records or --vocabulary-from FILE"
            )
        params = family.defaults(self.arch or "") | dict(self.params)
        learner = family.new(
            self.arch or "", labels, texts, params, seed=self.settings.seed
        )
        words = hashlib.sha256("\0".join(texts).encode()).hexdigest()
        return learner, None if corpus is None else words

    def _label_error(self, label: str) -> str | None:
        """Return an error message if a label is not a known class."""
        free = self.grow_classes or not self.classes
        if free or label in self.classes:
            return None
        remedy = "add it with --grow-classes" if self.init else "name every --class"
        return f'label "{label}" is not one of {", ".join(self.classes)}; {remedy}'

    def _arguments(self) -> dict[str, Any]:
        """Return all arguments that could change the result, JSON-ready."""
        settings = self.settings
        # in this order: checkpoints of equal trainings are equal files
        arguments = {name: getattr(settings, name) for name in LOOP_SETTINGS}
        arguments |= {
            "on_interrupt": None,  # does not change the result of a fit that ends
            "validation": list(settings.holdout),
            "arch": self.arch,
            "params": dict(self.params),
            "classes": self.classes,
            "grow_classes": self.grow_classes,
            "field": self.field,
            "class_weight": settings.class_weight,
            "calibrate": settings.calibrate,
            "seed": settings.seed,
        }
        if settings.bootstrap:  # absent otherwise, to keep the keys of older versions
            arguments["bootstrap"] = True
        return arguments
