"""Selection of the next batch from the pool, as `alcli score` and `select` do it."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.core.step import Block, identity
from alcli.features.vectors import Vectors
from alcli.models.checkpoint import Checkpoint
from alcli.query.scoring.step import BLOCK, Score, Vectored
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.exclusion import ExcludedRecords
from alcli.query.selection.labelled import LabelledPool
from alcli.query.selection.selector import LineSelector
from alcli.query.settings import SelectionSettings
from alcli.query.signals import signal_key, signals
from alcli.query.strategies import Batch
from alcli.simulation.data import block_of
from alcli.simulation.plugin_specs import parse_strategy
from alcli.simulation.setup import Setup

type RowIndices = NDArray[np.intp]  # (n,), row indices of the data
_LABELLED_NEEDS = {"labelled", "labels"}  # needs met without a model
UNPREDICTED = 0xFFFFFFFF  # stands for no prediction


@dataclass(frozen=True)
class QueryBatch:
    """Batch of a round.

    Attributes:
        rows: row indices of the data, (n,).
        preds: predicted class indices, (n,), or UNPREDICTED.
    """

    rows: RowIndices
    preds: RowIndices

    def __len__(self) -> int:
        return len(self.rows)

    def to_base64(self) -> str:
        """Return rows and predictions, (n, 2) little-endian uint32, in base64."""
        table = np.stack([self.rows, self.preds], axis=1).astype("<u4")
        return base64.b64encode(table.tobytes()).decode()

    @classmethod
    def from_base64(cls, text: str) -> QueryBatch:
        """Return the batch that `to_base64` encoded."""
        flat = np.frombuffer(base64.b64decode(text), "<u4").astype(np.intp)
        return cls(*flat.reshape(-1, 2).T)


class _SelectedRecord(msgspec.Struct, gc=False):
    id: str | int
    pred: str | None = None


def select_batch(
    setup: Setup,
    name: str,
    n: int,
    queried: RowIndices,
    labelled: Block,
    model: Checkpoint,
) -> tuple[QueryBatch, dict[str, float]]:
    """Return the batch selected by a strategy, and the seconds of score and select.

    name: strategy, with parameters. n: batch size. queried: rows of earlier batches.
    labelled: the labelled records among them. model: checkpoint of this round.
    """
    plain, found, params = parse_strategy(name)
    whole_pool = isinstance(found, Batch)
    told = {signal_key(signal): signal for signal in signals.names()}
    score = Score(
        (),
        model,
        signals=tuple(told[need] for need in found.needs if need in told),
        seed=setup.seed,
        vectors="vectors" in found.needs,
    ).start()
    scores = bool(set(found.needs) - _LABELLED_NEEDS)
    start, scoring = time.monotonic(), 0.0
    out = set() if whole_pool else set(queried.tolist())
    blocks, vectors, ids = [], [], []
    for rows in batched(setup.split.pool.tolist(), BLOCK):
        block = block_of(setup.data.hidden[row] for row in rows if row not in out)
        if scores:
            before = time.monotonic()
            result = score(block)
            if isinstance(result, Vectored) and result.vectors is not None:
                vectors.append(result.vectors)
                ids += result.ids
            block = block_of(result.lines)
            scoring += time.monotonic() - before
        blocks.append(block)
    shown = LabelledPool()
    shown.add(labelled)
    context = SelectionContext(
        Vectors.of(ids, np.concatenate(vectors)) if vectors else None,
        labelled=shown if whole_pool else None,
        excluded=ExcludedRecords(
            blocks=[block_of(setup.data.hidden[row] for row in queried.tolist())]
        ),
    )
    settings = SelectionSettings(n, plain, params=params, seed=setup.seed)
    selector = LineSelector(settings, context)
    for block in blocks:
        selector.add(block)
    lines = selector.batch()
    if lines and not scores and len(queried):
        lines = score(block_of(lines)).lines  # predictions for the curve's `agreed`
    seconds = {"score": scoring, "select": time.monotonic() - start - scoring}
    return _query_batch(setup, lines), {
        k: round(spent, 3) for k, spent in seconds.items()
    }


def _query_batch(setup: Setup, lines: Sequence[bytes]) -> QueryBatch:
    decode = msgspec.json.Decoder(_SelectedRecord).decode
    picks = [decode(line) for line in lines]
    labels: dict[str | None, int] = {None: UNPREDICTED}
    labels |= {label: number for number, label in enumerate(setup.data.classes)}
    return QueryBatch(
        np.array([setup.row[identity(pick.id)] for pick in picks], np.intp),
        np.array([labels[pick.pred] for pick in picks], np.intp),
    )
