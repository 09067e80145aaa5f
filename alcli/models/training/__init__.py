"""Gather labelled records and make a checkpoint of them.

What identifies a training is its key: sha256 of the records used (ids, labels, texts,
in order), of the start, and of every argument that could change the outcome.
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
from alcli.models.families import Learner, Options, family
from alcli.models.training.fitting import Fitting, sha256_of_values, too_few_classes
from alcli.models.training.holdout import parse_share
from alcli.models.training.option_checks import refuse_unused
from alcli.models.training.records import Records


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
        class_weight: str = "capped",
        calibrate: str = "none",
        grow_classes: bool = False,
        bootstrap: bool = False,
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
        self.family = init.family if init else architectures.family_of(arch or "")
        self.params, self.class_weight, self.seed = params, class_weight, seed
        self.share, self.tail = parse_share(validation)
        self.calibrate, self.bootstrap = calibrate, bootstrap
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
        **how: Any,
    ) -> Checkpoint:
        """Return the fitted checkpoint; with `epochs=0` an untrained one.

        how: the fields of `Options`.
        """
        start, options = time.monotonic(), Options(**how)
        refuse_unused(
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
                raise InputError("two classes are needed: name each with --class")
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
            made = fitting.untrained(learner, key)
        else:
            made = fitting.fit(learner, self.records, labels, options, key)
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
        if self.bootstrap:  # else keys are as they were before there was such a thing
            own["bootstrap"] = True
        return asdict(options) | own | {"on_interrupt": None}
