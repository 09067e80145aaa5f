"""Builders of the `batch` and `stop_set` fields of a curve record."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError
from alcli.core.fields import Label, class_names
from alcli.core.step import Block, identity
from alcli.numerics.uncertainty import confidence, entropy


class _Asked(msgspec.Struct, gc=False):
    id: str | int
    pred: str | None = None


class _Labelled(msgspec.Struct, gc=False):
    id: str | int
    label: Label | None = None


def batch_part(batch: Iterable[Block], labelled: Iterable[Block]) -> dict[str, Any]:
    """Return the `batch` field: numbers queried and by label, share that is `pred`.

    batch: the records just asked; labelled: all that are labelled.

    agreed: the share of the labelled with a `pred` that have it as label, or None.
    """
    asked = {identity(row.id): row.pred for row in _rows(batch, _Asked)}
    labels = {
        id: name for id, name in _labelled(labelled) if name is not None and id in asked
    }
    guessed = [id for id in labels if asked[id] is not None]
    hits = sum(asked[id] == labels[id] for id in guessed)
    return {
        "asked": len(asked),
        "labelled": dict(sorted(Counter(labels.values()).items())),
        "agreed": round(hits / len(guessed), 6) if guessed else None,
    }


def batch_digest(batch: Iterable[Block]) -> str:
    """Return sha256 of the ids of a batch."""
    ids = [identity(row.id) for row in _rows(batch, _Asked)]
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def count_labels(labelled: Iterable[Block]) -> int:
    """Count the records that have a label."""
    return sum(name is not None for _, name in _labelled(labelled))


def stop_part(ids: Sequence[str], probs: NDArray[np.float32]) -> dict[str, Any]:
    """Return the `stop_set` field: predictions for n unlabelled records.

    ids: sha256 of the ids in order. pred: n class numbers as base64 of bytes (two
    bytes each, little-endian, for more than 256 classes).
    """
    wide = probs.astype(np.float64)
    sure, unsure = confidence(wide), entropy(wide)
    kind = "u1" if probs.shape[1] <= 256 else "<u2"
    return {
        "ids": hashlib.sha256("\n".join(ids).encode()).hexdigest(),
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
    """Return ids and the contents of a field; source: what to call the records.

    Raises:
        InputError: there is no record.
    """
    row = msgspec.defstruct(
        "Row", [("id", str | int), ("content", str)], rename={"content": field}
    )
    rows: list[Any] = list(_rows(records, row))
    if not rows:
        raise InputError("no records", source=source)
    return [identity(row.id) for row in rows], [row.content for row in rows]


def _labelled(records: Iterable[Block]) -> Iterable[tuple[str, str | None]]:
    decoder = msgspec.json.Decoder(_Labelled)
    for block in records:
        rows = block.decode(decoder)
        names = class_names(block, [row.label for row in rows])
        yield from zip([identity(row.id) for row in rows], names, strict=True)


def _rows(records: Iterable[Block], kind: type) -> Iterable[Any]:
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind)
    for block in records:
        yield from block.decode(decoder)
