"""What a strategy chooses of the pool, as `select` does of what `score` has written."""

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
from alcli.query.selection.labelled import Labelled
from alcli.query.selection.same_texts import Asked
from alcli.query.selection.selector import choice_of
from alcli.query.signals import key_of, signals
from alcli.query.strategies import Batch
from alcli.simulation.data import joined
from alcli.simulation.names import strategy
from alcli.simulation.setup import Bench

type Rows = NDArray[np.intp]  # numbers of records in the data
_OF_LABELLED = {"labelled", "labels"}  # what strategies may need that no model says
UNPREDICTED = 0xFFFFFFFF  # by a model: there is no `pred`


@dataclass(frozen=True)
class Questions:
    """What was asked in a round: rows (n,), and the class each was predicted as."""

    rows: Rows
    preds: Rows

    def __len__(self) -> int:
        return len(self.rows)

    def packed(self) -> str:
        """Return it as base64 of (n, 2) little-endian numbers of four bytes."""
        table = np.stack([self.rows, self.preds], axis=1).astype("<u4")
        return base64.b64encode(table.tobytes()).decode()

    @classmethod
    def unpacked(cls, text: str) -> Questions:
        """Return what was packed."""
        flat = np.frombuffer(base64.b64decode(text), "<u4").astype(np.intp)
        return cls(*flat.reshape(-1, 2).T)


class _Query(msgspec.Struct, gc=False):
    id: str | int
    pred: str | None = None


def choose(
    bench: Bench, name: str, n: int, gone: Rows, labelled: Block, model: Checkpoint
) -> tuple[Questions, dict[str, float]]:
    """Return what a strategy chooses, and the seconds of scoring and selecting.

    gone: what was asked before; labelled: those of it that have a label.
    """
    plain, found, params = strategy(name)
    together = isinstance(found, Batch)
    told = {key_of(signal): signal for signal in signals.names()}
    score = Score(
        (),
        model,
        signals=tuple(told[need] for need in found.needs if need in told),
        seed=bench.seed,
        vectors="vectors" in found.needs,
    ).start()
    scores = bool(set(found.needs) - _OF_LABELLED)
    start, scoring = time.monotonic(), 0.0
    out = set() if together else set(gone.tolist())
    blocks, vectors, ids = [], [], []
    for rows in batched(bench.split.pool.tolist(), BLOCK):
        block = joined(bench.data.hidden[row] for row in rows if row not in out)
        if scores:
            before = time.monotonic()
            result = score(block)
            if isinstance(result, Vectored) and result.vectors is not None:
                vectors.append(result.vectors)
                ids += result.ids
            block = joined(result.lines)
            scoring += time.monotonic() - before
        blocks.append(block)
    shown = Labelled()
    shown.add(labelled)
    asked = Asked([joined(bench.data.hidden[row] for row in gone.tolist())])
    choice = choice_of(
        n,
        found,
        params=params,
        vectors=Vectors.of(ids, np.concatenate(vectors)) if vectors else None,
        labelled=shown if together else None,
        excluded=asked.ids,
        texts=asked.texts,
        seed=bench.seed,
    )
    for block in blocks:
        choice.add(block)
    lines = choice.batch(plain)
    if lines and not scores and len(gone):
        lines = score(joined(lines)).lines  # what it thinks of those that it asks
    seconds = {"score": scoring, "select": time.monotonic() - start - scoring}
    return _batch(bench, lines), {k: round(spent, 3) for k, spent in seconds.items()}


def _batch(bench: Bench, lines: Sequence[bytes]) -> Questions:
    decode = msgspec.json.Decoder(_Query).decode
    picks = [decode(line) for line in lines]
    labels: dict[str | None, int] = {None: UNPREDICTED}
    labels |= {label: number for number, label in enumerate(bench.data.classes)}
    return Questions(
        np.array([bench.row[identity(pick.id)] for pick in picks], np.intp),
        np.array([labels[pick.pred] for pick in picks], np.intp),
    )
