"""Schema of curve records: types of the fields that criteria and comparisons read.

Records stay dictionaries, with all other fields; the structs check and convert them.
`alcli.evaluation.measure` and `alcli.evaluation.curve.writing` make the fields.
"""

from __future__ import annotations

import base64

import msgspec
import numpy as np

from alcli.core.types import Ints


class StopSet(msgspec.Struct, frozen=True, gc=False):
    """Predictions for the stop set, n unlabelled records; entropy in nats.

    ids: hash of the ids, in order. pred: n class numbers, packed.
    """

    ids: str
    n: int
    pred: str
    confidence_mean: float
    confidence_variance: float
    entropy_mean: float
    entropy_max: float

    def __post_init__(self) -> None:
        size = len(base64.b64decode(self.pred, validate=True))
        if self.n < 1 or size not in (self.n, 2 * self.n):
            raise ValueError(f"{size} bytes of predictions for {self.n} records")

    def classes(self) -> Ints:
        """Return the predicted class numbers, (n,): one byte each, or two."""
        data = base64.b64decode(self.pred)
        kind = "u1" if len(data) == self.n else "<u2"
        return np.frombuffer(data, kind).astype(np.intp)


class LabelledBatch(msgspec.Struct, frozen=True, gc=False):
    """Batch of a round: number of queried records, and of labelled ones by label.

    agreed: share of the labelled records whose label is the `pred` of their query;
    None: unknown.
    """

    asked: int
    labelled: dict[str, int]
    agreed: float | None = None


class Confusion(msgspec.Struct, frozen=True):
    """Confusion matrix on the test set: class names, and rows of true classes."""

    labels: list[str]
    matrix: list[list[int]] = []

    def predicted_classes(self) -> int:
        """Return the number of classes that are predicted for some record."""
        return len({i for row in self.matrix for i, count in enumerate(row) if count})

    def skew(self) -> float:
        """Return the size of the largest class divided by that of the smallest."""
        sizes = [size for size in map(sum, self.matrix) if size]
        return max(sizes) / min(sizes) if sizes else 1.0


class CurveRecord(msgspec.Struct, kw_only=True):
    """Fields of every record of a curve."""

    metrics: dict[str, float]
    labels: int
    seconds: dict[str, float] | None = None


class LoopRecord(CurveRecord, kw_only=True):
    """Fields that stopping criteria read: of a loop, or of a simulated run."""

    key: str = ""
    batch: LabelledBatch | None = None
    stop_set: StopSet | None = None


class RunTags(msgspec.Struct):
    """Tags of a record of `alcli simulate`; `baseline` or `strategy` is set."""

    run: str
    data: str
    arch: str
    seed: int
    settings: str = ""
    baseline: str | None = None
    class_weight: str = ""
    strategy: str | None = None
    n: str = ""
    start: str = ""
    round: int = -1
    next: str | None = None


class SimulatedRecord(CurveRecord, kw_only=True):
    """Fields that comparisons read: of `alcli simulate`."""

    tags: RunTags
    confusion: Confusion = Confusion([])
