"""Gather labels and probabilities of test records, and measure them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from alcli.core.errors import InputError, MissingField
from alcli.core.fields import Label, RenormalisedCount, class_names, normalise_probs
from alcli.core.report import log
from alcli.core.step import Block, Result, identity
from alcli.numerics import calibration, classification

if TYPE_CHECKING:
    from alcli.models.checkpoint import Checkpoint


class Evaluation:
    """Takes blocks of labelled records; `record()` measures them.

    Memory: 8 (C + 1) bytes per record. Without a model the records carry `probs`. A
    label that the model does not know is a class of probability 0: its records are
    predicted wrong, and stand in the confusion matrix in a row of their own.
    """

    def __init__(self, model: Checkpoint | None = None) -> None:
        self.model = model
        self.labels = list(model.labels) if model else []
        self._probs: list[np.ndarray[Any, np.dtype[np.float32]]] = []
        self._numbers = {label: number for number, label in enumerate(self.labels)}
        self._targets: list[int] = []
        self._digest = hashlib.sha256()
        self._renormalised = RenormalisedCount()
        fields: list[Any] = [("id", str | int), ("label", Label)]
        if model:
            fields.append(("content", str))
        else:
            fields.append(("content", dict[str, float] | None, None))
        row = msgspec.defstruct(
            "Row",
            fields,
            rename={"content": model.input if model else "probs"},
            gc=False,
        )
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)

    def add(self, block: Block) -> Result:
        """Ask the model of a block's records, or take their `probs`.

        Raises:
            InputError: an empty label, no probabilities, or some that are none.
        """
        rows = block.decode(self._decoder)
        if not rows:
            return Result([], {"read": 0})
        names = class_names(block, [row.label for row in rows])
        labels = self.labels or list(rows[0].content or ())
        probs, sums = (
            (self._ask(rows), np.empty(0))
            if self.model
            else self._read(block, rows, labels)
        )
        if not self.labels:  # now that the record they come from is a good one
            self.labels = labels
            self._numbers = {label: number for number, label in enumerate(labels)}
        for row, name in zip(rows, names, strict=True):
            self._digest.update(
                msgspec.json.encode((identity(row.id), name, row.content))
            )
        numbers = self._numbers
        self._targets += [numbers.setdefault(name, len(numbers)) for name in names]
        self._probs.append(probs)
        self._renormalised.add(sums)
        return Result([], {"read": len(rows)})

    @property
    def unknown(self) -> dict[str, int]:
        """The labels that the model does not know, sorted, and their records."""
        counts = Counter(self._targets)
        strangers = sorted(self._numbers.keys() - set(self.labels))
        return {label: counts[self._numbers[label]] for label in strangers}

    def warn(self) -> None:
        """Log a warning of unknown labels, and of a model that predicts one class."""
        predicted = {int(row) for p in self._probs for row in np.unique(p.argmax(1))}
        if len(predicted) == 1 and len(set(self._targets)) > 1:
            log.warning(
                'the model predicts "%s" for every record; label more records of the '
                "other classes, or try `alcli train --class-weight balanced`",
                self.labels[predicted.pop()],
            )
        for label, n in self.unknown.items():
            log.warning(
                'label "%s" is unknown to the model, records counted as wrong: %d; '
                "name it in training: `alcli train --class NAME`, or --grow-classes",
                label,
                n,
            )

    def record(
        self,
        tags: Mapping[str, str],
        *,
        labels: int | None = None,
        batch: str = "",
        seed: int = 0,
    ) -> dict[str, Any]:
        """Return a curve record: `key`, `labels`, `metrics`, `interval`, `confusion`.

        Of a checkpoint it has `epochs`: 0 is the model of --init, untrained.
        labels: how many trained what gave the `probs`, where no checkpoint says it.
        batch: a hash of the batch, whose round is its own even if nobody answered.

        Raises:
            InputError: there was no record.
        """
        self._renormalised.warn()
        if not self._targets:
            raise InputError("no labelled records to evaluate on")
        names = [*self.labels, *self.unknown]
        place = {name: number for number, name in enumerate(names)}
        places = np.array([place[name] for name in self._numbers], np.intp)
        targets = places[np.array(self._targets, np.intp)]
        probs = np.concatenate(self._probs).astype(np.float64)
        probs = np.pad(probs, ((0, 0), (0, len(names) - probs.shape[1])))
        matrix = classification.confusion_matrix(
            targets, probs.argmax(axis=1), len(names)
        )
        metrics = classification.summary(matrix, names)
        auc = classification.roc_auc(targets, probs)
        metrics |= {"roc_auc": auc} if auc is not None else {}
        metrics |= {
            "log_loss": calibration.log_loss(targets, probs),
            "brier": calibration.brier(targets, probs),
            "ece": calibration.expected_calibration_error(targets, probs),
        }
        training = self.model.training if self.model else {}
        epochs = training.get("kept_epoch")
        key = [self._digest.hexdigest(), dict(tags), training.get("key")]
        key += [batch] if batch else []
        return {
            "key": hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest(),
            "labels": training.get("records", labels),
            **({"epochs": epochs} if epochs is not None else {}),
            "n": len(targets),
            "metrics": {name: round(value, 9) for name, value in metrics.items()},
            "interval": classification.bootstrap_intervals(matrix, seed=seed),
            "confusion": {"labels": names, "matrix": matrix.tolist()},
            "tags": dict(tags),
        }

    def _ask(self, rows: list[Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
        assert self.model is not None
        return self.model.predict([row.content for row in rows]).probs

    def _read(
        self, block: Block, rows: list[Any], labels: list[str]
    ) -> tuple[np.ndarray[Any, np.dtype[np.float32]], np.ndarray[Any, Any]]:
        matrix = np.empty((len(rows), len(labels)))
        for place, row in enumerate(rows):
            try:
                matrix[place] = _numbers(block, place, row.content, labels)
            except InputError:
                normalise_probs(
                    matrix[:place], block.error
                )  # the first bad record is named
                raise
        probs, sums = normalise_probs(matrix, block.error)
        return probs.astype(np.float32), sums


def _numbers(
    block: Block, place: int, probs: Mapping[str, float] | None, labels: list[str]
) -> list[float]:
    if not probs:
        raise MissingField(
            "probs",
            remedy="run `alcli score`, or give a model with -m",
            source=block.source,
            line=block.number(place),
        )
    if lacking := [label for label in labels if label not in probs]:
        raise block.error(place, f'"probs" lack the class {lacking[0]!r}')
    if len(probs) > len(labels):
        raise block.error(place, f'"probs" have classes beside {labels}')
    return [probs[label] for label in labels]
