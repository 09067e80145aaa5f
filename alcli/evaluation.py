"""Gather labels and probabilities of test records, and measure them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from alcli.core.errors import InputError, MissingField
from alcli.core.step import Block, Result, identity
from alcli.metrics import calibration, classification

if TYPE_CHECKING:
    from alcli.checkpoint import Checkpoint


class Evaluation:
    """Takes blocks of labelled records; `record()` measures them.

    Memory: 8 (C + 1) bytes per record. Without a model the records carry `probs`.
    """

    def __init__(self, model: Checkpoint | None = None) -> None:
        self.model = model
        self.labels = list(model.labels) if model else []
        self._probs: list[np.ndarray[Any, np.dtype[np.float32]]] = []
        self._targets: list[int] = []
        self._digest = hashlib.sha256()
        fields: list[Any] = [("id", str | int), ("label", str)]
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
            InputError: a label that the model does not know, or no probabilities.
        """
        rows = block.decode(self._decoder)
        if not rows:
            return Result([], {"read": 0})
        labels = self.labels
        if not labels and rows and rows[0].content:
            labels = list(rows[0].content)
        probs = self._ask(rows) if self.model else self._read(block, rows, labels)
        known = {label: number for number, label in enumerate(labels)}
        for place, row in enumerate(rows):
            if row.label not in known:
                raise block.error(
                    place,
                    f'label "{row.label}" is unknown to the model: {labels}',
                )
        self.labels = labels  # now that the record they come from is a good one
        for row in rows:
            self._digest.update(
                msgspec.json.encode((identity(row.id), row.label, row.content))
            )
        self._targets += [known[row.label] for row in rows]
        self._probs.append(probs)
        return Result([], {"read": len(rows)})

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
        if not self._targets:
            raise InputError("no labelled records to evaluate on")
        targets = np.array(self._targets, np.intp)
        probs = np.concatenate(self._probs).astype(np.float64)
        matrix = classification.confusion(
            targets, probs.argmax(axis=1), len(self.labels)
        )
        metrics = classification.summary(matrix, self.labels)
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
            "interval": classification.bootstrap(matrix, seed=seed),
            "confusion": {"labels": self.labels, "matrix": matrix.tolist()},
            "tags": dict(tags),
        }

    def _ask(self, rows: list[Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
        assert self.model is not None
        return self.model.predict([row.content for row in rows]).probs

    def _read(
        self, block: Block, rows: list[Any], labels: list[str]
    ) -> np.ndarray[Any, np.dtype[np.float32]]:
        matrix = np.empty((len(rows), len(labels)), np.float32)
        for place, row in enumerate(rows):
            if not row.content:
                raise MissingField(
                    "probs",
                    remedy="run `alcli score`, or give a model with -m",
                    source=block.source,
                    line=block.number(place),
                )
            try:
                matrix[place] = [row.content[label] for label in labels]
            except KeyError as error:
                raise block.error(place, f'"probs" lack the class {error}') from error
            if len(row.content) > len(labels):
                raise block.error(place, f'"probs" have classes beside {labels}')
            if (
                not abs(float(matrix[place].sum()) - 1) < 1e-3
                or matrix[place].min() < 0
            ):
                raise block.error(place, '"probs" must be at least 0 and sum to 1')
        return matrix
