"""Gather labels and probabilities of test records, and measure them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from alcli.core.errors import InputError, MissingField
from alcli.core.fields import Renormalised, normalised
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
        self._renormalised = Renormalised()
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
        probs, sums = (
            (self._ask(rows), np.empty(0))
            if self.model
            else self._read(block, rows, labels)
        )
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
        self._renormalised.add(sums)
        return Result([], {"read": len(rows)})

    def record(
        self, tags: Mapping[str, str], *, labels: int | None = None, seed: int = 0
    ) -> dict[str, Any]:
        """Return a curve record: `key`, `labels`, `metrics`, `interval`, `confusion`.

        labels: how many trained what gave the `probs`, where no checkpoint says it.

        Raises:
            InputError: there was no record.
        """
        self._renormalised.warn()
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
        key = [self._digest.hexdigest(), dict(tags), training.get("key")]
        return {
            "key": hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest(),
            "labels": training.get("records", labels),
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
    ) -> tuple[np.ndarray[Any, np.dtype[np.float32]], np.ndarray[Any, Any]]:
        matrix = np.empty((len(rows), len(labels)))
        for place, row in enumerate(rows):
            try:
                matrix[place] = _numbers(block, place, row.content, labels)
            except InputError:
                normalised(matrix[:place], block.error)  # the first bad record is named
                raise
        probs, sums = normalised(matrix, block.error)
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
