"""Builders of the `batch` and `stop_set` fields of a curve record."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from alcli.core.errors import InputError
from alcli.core.fields import class_names, content, optional, record_decoder
from alcli.core.step import Block, identity
from alcli.core.types import Float32s
from alcli.numerics.uncertainty import confidence, entropy


def batch_part(
    preds: Mapping[str, str | None], labelled: Iterable[tuple[str, str | None]]
) -> dict[str, Any]:
    """Return the `batch` field: number of queried records, and of labelled by class.

    preds: id -> `pred` of the records queried last, if any. labelled: id and label of
    all labelled records.

    agreed: share of the labelled records of the batch whose label is their `pred`;
    None if no record has one.
    """
    labels = {id: label for id, label in labelled if label is not None and id in preds}
    hits = [preds[id] == label for id, label in labels.items() if preds[id] is not None]
    return {
        "asked": len(preds),
        "labelled": dict(sorted(Counter(labels.values()).items())),
        "agreed": round(sum(hits) / len(hits), 6) if hits else None,
    }


def batch_digest(batch: Iterable[Block]) -> str:
    """Return the sha256 of the ids of a batch."""
    return _digest(id for id, _ in read_preds(batch))


def count_labels(labelled: Iterable[Block]) -> int:
    """Count the records that have a label."""
    return sum(label is not None for _, label in read_labels(labelled))


def stop_part(ids: Sequence[str], probs: Float32s) -> dict[str, Any]:
    """Return the `stop_set` field: predictions for n unlabelled records.

    ids: of the records, n strings. probs: class probabilities, (n, C).

    Returned: `ids` is the sha256 of the ids in order, `pred` n class numbers as base64
    of bytes (two bytes each, little-endian, for more than 256 classes).
    """
    wide = probs.astype(np.float64)
    sure, unsure = confidence(wide), entropy(wide)
    kind = "u1" if probs.shape[1] <= 256 else "<u2"
    return {
        "ids": _digest(ids),
        "n": len(ids),
        "pred": base64.b64encode(wide.argmax(axis=1).astype(kind).tobytes()).decode(),
        "confidence_mean": round(float(sure.mean()), 9),
        "confidence_variance": round(float(sure.var()), 12),
        "entropy_mean": round(float(unsure.mean()), 9),
        "entropy_max": round(float(unsure.max()), 9),
    }


def read_inputs(
    records: Iterable[Block], field: str, *, source: str
) -> tuple[list[str], list[str]]:
    """Return ids and the contents of a field, n strings each; source: for messages.

    Raises:
        InputError: no record, or one without the field.
    """
    decoder = record_decoder("id", content(field))
    rows = [row for block in records for row in block.decode(decoder)]
    if not rows:
        raise InputError("no records", source=source)
    return [identity(row.id) for row in rows], [row.content for row in rows]


def read_labels(records: Iterable[Block]) -> Iterator[tuple[str, str | None]]:
    """Yield id and class name of each record."""
    decoder = record_decoder("id", optional("label"))
    for block in records:
        rows = block.decode(decoder)
        names = class_names(block, [row.label for row in rows])
        yield from zip([identity(row.id) for row in rows], names, strict=True)


def read_preds(records: Iterable[Block]) -> Iterator[tuple[str, str | None]]:
    """Yield id and `pred` of each record."""
    decoder = record_decoder("id", optional("pred"))
    for block in records:
        yield from ((identity(row.id), row.pred) for row in block.decode(decoder))


def _digest(ids: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()
