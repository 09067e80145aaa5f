"""Training: from blocks of labelled records to a checkpoint.

The key of a training is the sha256 of its records (ids, labels and texts, in order), of
its start, and of every argument that could change the result.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from alcli.core import threads
from alcli.core.errors import InputError, UsageError
from alcli.core.report import sha256_of
from alcli.core.step import Block, Result
from alcli.models import architectures
from alcli.models.checkpoint import Checkpoint
from alcli.models.families import FitOptions, Learner, load_family
from alcli.models.training.fitting import Fitting, sha256_of_values, too_few_classes
from alcli.models.training.holdout import parse_share
from alcli.models.training.option_checks import reject_ineffective_options
from alcli.models.training.records import LabelledRecords


class Training:
    """Training of a model: `add` collects labelled records, `run` fits.

    arch: name of the architecture; None with init.
    init, init_path: the checkpoint to start from, and its path.
    classes: class names, in the order of the probabilities.
    field: name of the record field to read.
    params: parameters of the architecture and its features.
    validation: the share to hold out, see `parse_share`.
    class_weight: see `class_weights`.
    calibrate: none or temperature.
    grow_classes: add new classes to those of init.
    bootstrap: draw the training records with replacement.
    seed: seed of all randomness.

    Raises:
        UsageError: arguments contradict each other.
    """

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
        class_weight: str = "capped",
        calibrate: str = "none",
        grow_classes: bool = False,
        bootstrap: bool = False,
        seed: int = 0,
    ) -> None:
        known = init.labels if init else []
        if grow_classes and not init:
            raise UsageError("--grow-classes requires --init")
        if known and classes and not grow_classes and list(classes) != known:
            raise UsageError(
                f"--init has the classes {', '.join(known)}; "
                "add others with --grow-classes"
            )
        if field in ("id", "label"):
            raise UsageError(f"--field {field}: a model cannot read that")
        self.arch, self.init, self.init_path = arch, init, init_path
        self.classes = [*known, *(c for c in classes if c not in known)]
        self.grow_classes = grow_classes
        self.field = init.input if init else field
        self.family = init.family if init else architectures.family_of(arch or "")
        self.params, self.class_weight, self.seed = params, class_weight, seed
        self.share, self.tail = parse_share(validation)
        self.calibrate, self.bootstrap = calibrate, bootstrap
        if calibrate != "none" and not self.share:
            raise UsageError(f"--calibrate {calibrate} requires --validation SHARE")
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
        **fit_options: Any,
    ) -> Checkpoint:
        """Return the fitted checkpoint, or with `epochs=0` an untrained one.

        corpus: texts for the vocabulary; None for those of the records. files: paths of
        the input files, for the training record. fit_options: fields of `FitOptions`.

        Raises:
            UsageError: an option has no effect on this fit.
            InputError: there are fewer than two classes, or no text, or the loss is not
                finite.
        """
        start, options = time.monotonic(), FitOptions(**fit_options)
        reject_ineffective_options(
            self.family,
            options,
            validation=self.share,
            calibrate=self.calibrate,
            class_weight=self.class_weight,
            bootstrap=self.bootstrap,
        )
        labels = [*self.classes, *sorted({*self.records.names} - {*self.classes})]
        if len(labels) < 2:
            if options.epochs == 0:
                raise InputError("two classes are needed; name each with --class")
            raise too_few_classes("found", ", ".join(labels) or "none")
        learner, key_of_start = self._start(labels, corpus)
        arguments = self._arguments(options)
        key = sha256_of_values(self.records.digest(), key_of_start, arguments)
        fitting = Fitting(
            family=self.family,
            init=self.init,
            share=self.share,
            tail=self.tail,
            class_weight=self.class_weight,
            calibrate=self.calibrate != "none",
            seed=self.seed,
            bootstrap=self.bootstrap,
        )
        if options.epochs == 0:
            result = fitting.untrained(learner, key)
        else:
            result = fitting.fit(learner, self.records, labels, options, key)
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
                learner = family.add_classes(learner, labels, seed=self.seed)
            return learner, self.init.training["key"]
        texts = self.records.texts if corpus is None else list(corpus)
        if not texts:
            raise InputError(
                "no text for the vocabulary; "
                "give labelled records or --vocabulary-from FILE"
            )
        params = family.defaults(self.arch or "") | dict(self.params)
        learner = family.new(self.arch or "", labels, texts, params, seed=self.seed)
        words = hashlib.sha256("\0".join(texts).encode()).hexdigest()
        return learner, None if corpus is None else words

    def _label_error(self, label: str) -> str | None:
        """Return an error message if a label is not a known class."""
        free = self.grow_classes or not self.classes
        if free or label in self.classes:
            return None
        remedy = "add it with --grow-classes" if self.init else "name every --class"
        return f'label "{label}" is not one of {", ".join(self.classes)}; {remedy}'

    def _arguments(self, options: FitOptions) -> dict[str, Any]:
        """Return all arguments that could change the result, JSON-ready."""
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
        if self.bootstrap:  # absent otherwise, to keep the keys of older versions
            own["bootstrap"] = True
        # on_interrupt does not change the result of a fit that ends
        return asdict(options) | own | {"on_interrupt": None}
