"""Collector of labels and probabilities of test records, and their metrics."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np

from alcli.core.errors import InputError, MissingField
from alcli.core.fields import SCHEMA, Member, class_names, content, record_decoder
from alcli.core.log import log
from alcli.core.probs import RenormalisedCount, normalise_probs
from alcli.core.step import Block, Result, identity
from alcli.core.types import Float32s, Floats
from alcli.numerics import calibration, classification

if TYPE_CHECKING:
    from alcli.models.checkpoint import Checkpoint


class Evaluation:
    """Collector of labelled records, whose `record()` has their metrics.

    model: without one the records carry `probs`. A label that the model does not know
    is a class of probability 0: its records are predicted wrong, and have a row in the
    confusion matrix. Memory: 8 (C + 1) bytes per record.
    """

    def __init__(self, model: Checkpoint | None = None) -> None:
        self.model = model
        self.labels = list(model.labels) if model else []
        self._probs: list[Float32s] = []
        self._numbers = {label: number for number, label in enumerate(self.labels)}
        self._targets: list[int] = []
        self._digest = hashlib.sha256()
        self._renormalised = RenormalisedCount()
        self._decoder = record_decoder(
            "id",
            "label",
            content(model.input)
            if model
            else Member("content", SCHEMA["probs"] | None, None, field="probs"),
        )

    def add(self, block: Block) -> Result:
        """Predict the records of a block, or read their `probs`.

        Raises:
            InputError: an empty label, or missing or invalid probabilities.
        """
        rows = block.decode(self._decoder)
        if not rows:
            return Result([], {"read": 0})
        names = class_names(block, [row.label for row in rows])
        contents = [row.content for row in rows]
        labels = self.labels or list(contents[0] or ())
        if self.model:
            probs = self.model.predict(contents).probs
        else:
            probs, sums = _read_probs(block, contents, labels)
            self._renormalised.add(sums)
        if not self.labels:  # now that the record they come from is a good one
            self.labels = labels
            self._numbers = {label: number for number, label in enumerate(labels)}
        self.add_rows([identity(row.id) for row in rows], names, contents)
        self._probs.append(probs)
        return Result([], {"read": len(rows)})

    def add_rows(
        self, ids: Sequence[str], names: Sequence[str], contents: Sequence[Any]
    ) -> None:
        """Add n ids, label names, and texts or `probs`, without their predictions."""
        for row in zip(ids, names, contents, strict=True):
            self._digest.update(msgspec.json.encode(row))
        numbers = self._numbers
        self._targets += [numbers.setdefault(name, len(numbers)) for name in names]

    def of_model(self, model: Checkpoint, probs: Sequence[Float32s]) -> Self:
        """Return the evaluation of a model of the same classes on the same records.

        probs: its predictions, in parts of (m, C).
        """
        found = copy(self)
        found.model, found._probs = model, list(probs)
        return found

    def unknown_labels(self) -> dict[str, int]:
        """Return the labels that the model does not know, sorted, with their counts."""
        counts = Counter(self._targets)
        unknown = sorted(self._numbers.keys() - set(self.labels))
        return {label: counts[self._numbers[label]] for label in unknown}

    def warn(self) -> None:
        """Log warnings of unknown labels, and of a model that predicts one class."""
        predicted = {int(row) for p in self._probs for row in np.unique(p.argmax(1))}
        if len(predicted) == 1 and len(set(self._targets)) > 1:
            log.warning(
                'the model predicts "%s" for every record; label more records of the '
                "other classes, or try `alcli train --class-weight balanced`",
                self.labels[predicted.pop()],
            )
        for label, n in self.unknown_labels().items():
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

        With a checkpoint it has `epochs`; 0 is the untrained model of --init.

        tags: copied. labels: number of training labels, if no checkpoint has it.
        batch: hash of the batch, part of the key: a round whose batch nobody labelled
        is a round, too. seed: of the bootstrap intervals.

        Raises:
            InputError: no record was added.
        """
        self._renormalised.warn()
        if not self._targets:
            raise InputError("no labelled records to evaluate on")
        names = [*self.labels, *self.unknown_labels()]
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


def _read_probs(
    block: Block, probs: Sequence[Mapping[str, float] | None], labels: Sequence[str]
) -> tuple[Float32s, Floats]:
    """Return probabilities, (n, C), and the row sums of renormalised ones, (m,)."""
    matrix = np.empty((len(probs), len(labels)))
    for place, row in enumerate(probs):
        if row and row.keys() == set(labels):
            matrix[place] = [row[label] for label in labels]
            continue
        normalise_probs(matrix[:place], block.error)  # an earlier error comes first
        if row:
            raise block.error(place, f'"probs" have other classes than {labels}')
        raise MissingField(
            "probs",
            remedy="run `alcli score`, or give a model with -m",
            source=block.source,
            line=block.number(place),
        )
    matrix, sums = normalise_probs(matrix, block.error)
    return matrix.astype(np.float32), sums
