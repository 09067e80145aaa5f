"""Selection of the next batch from the pool, as `alcli score` and `select` do it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from alcli.core.errors import InputError
from alcli.core.probs import normalise_probs
from alcli.core.types import Float32s, Floats, Indices
from alcli.features.vectors import Vectors
from alcli.models.checkpoint import Checkpoint
from alcli.query.scoring.probs_writer import json_floats
from alcli.query.scoring.settings import BLOCK
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.exclusion import ExcludedRecords
from alcli.query.selection.labelled import LabelledPool
from alcli.query.selection.scored_rows import ScoredRows
from alcli.query.selection.selector import select_rows
from alcli.query.settings import SelectionSettings
from alcli.query.signals import SignalRequest, signal_key, signals
from alcli.query.strategies import Batch, Scored, Strategy
from alcli.simulation.batches import QueryBatch
from alcli.simulation.labelling import Labels
from alcli.simulation.plugin_specs import parse_strategy
from alcli.simulation.setup import Setup

_LABELLED_NEEDS = {"labelled", "labels"}  # needs met without a model


@dataclass(frozen=True)
class PoolPrediction:
    """Predictions of a model for n records of the pool, float32.

    Attributes:
        probs: class probabilities, (n, C).
        signals: signal key -> (n,).
        vectors: (n, d), if the strategy needs them.
    """

    probs: Float32s
    signals: dict[str, Float32s]
    vectors: Float32s | None


def select_batch(
    setup: Setup,
    name: str,
    n: int,
    queried: Indices,
    labels: Labels,
    model: Checkpoint,
) -> tuple[QueryBatch, dict[str, float]]:
    """Return the batch selected by a strategy, and the seconds of score and select.

    name: strategy, with parameters. n: batch size. queried: rows of earlier batches.
    labels: merged labels of them. model: checkpoint of this round.
    """
    start = time.monotonic()
    name, strategy, params = parse_strategy(name)
    compares = isinstance(strategy, Batch)  # with the queried records, too
    parts = _parts(setup.split.pool, queried[:0] if compares else queried)
    found = None
    if {*strategy.needs} - _LABELLED_NEEDS:
        found = _predict(setup, strategy, parts, model)
    scored = time.monotonic()
    rows = np.concatenate(parts)
    pool = _scored_rows(setup, strategy, rows, found)
    context = _context(setup, queried, labels if compares else None)
    if found and found.vectors is not None:
        vectors = Vectors.of(pool.scored.ids, found.vectors)
        context = replace(context, vectors=vectors)
    settings = SelectionSettings(n, name, params=params, seed=setup.seed)
    selected = select_rows(settings, pool, context)
    batch = QueryBatch.unpredicted(rows[selected])
    if found:
        batch = QueryBatch(batch.rows, found.probs.argmax(axis=1)[selected])
    elif len(selected) and len(queried):  # for `agreed` in the curve
        probs = model.predict(setup.data.texts_of(batch.rows)).probs
        batch = QueryBatch(batch.rows, probs.argmax(axis=1))
    seconds = {"score": scored - start, "select": time.monotonic() - scored}
    return batch, {step: round(spent, 3) for step, spent in seconds.items()}


def _parts(pool: Indices, excluded: Indices) -> list[Indices]:
    """Return the rows of the pool to predict, in blocks as of `alcli score`."""
    kept = ~np.isin(pool, excluded)
    starts = range(0, len(pool), BLOCK)
    blocks = ((pool[at : at + BLOCK], kept[at : at + BLOCK]) for at in starts)
    return [rows[mask] for rows, mask in blocks]


def _predict(
    setup: Setup, strategy: Strategy, parts: Sequence[Indices], model: Checkpoint
) -> PoolPrediction:
    """Predict what the strategy needs of the rows in each part."""
    names = {signal_key(name): name for name in signals.names()}
    request = SignalRequest([names[need] for need in strategy.needs if need in names])
    want = request.needs - {"probs"} | ({"vectors"} & {*strategy.needs})
    found, values = [], []
    for rows in parts:
        if len(rows):
            texts = setup.data.texts_of(rows)
            found.append(model.predict(texts, want, seed=setup.seed))
            values.append(request(found[-1]))
    return PoolPrediction(
        np.concatenate([part.probs for part in found]),
        {key: np.concatenate([part[key] for part in values]) for key in values[0]},
        np.concatenate([part.vectors for part in found]) if "vectors" in want else None,
    )


def _scored_rows(
    setup: Setup, strategy: Strategy, rows: Indices, found: PoolPrediction | None
) -> ScoredRows:
    """Return records as a strategy reads them from the lines of `alcli score`."""
    data, classes, probs = setup.data, list[str](), np.empty((len(rows), 0))
    numbers: dict[str, Floats] = {}
    if found:
        numbers = {key: json_floats(values) for key, values in found.signals.items()}
    if found and "probs" in strategy.needs:
        probs, _ = normalise_probs(json_floats(found.probs), lambda _, e: InputError(e))
        classes = data.classes
    strata = None
    if stratify := getattr(strategy, "stratify", None):
        values = setup.values(stratify)
        strata = [values[row] for row in rows.tolist()]
        if stratify == "pred" and found:
            strata = [data.classes[pred] for pred in found.probs.argmax(axis=1)]
    ids, keys = (
        [column[r] for r in rows.tolist()] for column in (data.ids, data.text_keys)
    )
    return ScoredRows(Scored(ids, probs, numbers), classes, strata, keys)


def _context(setup: Setup, queried: Indices, labels: Labels | None) -> SelectionContext:
    """Return the records not to select: the queried ones, and others of their texts.

    labels: of the queried records, for strategies that compare with them.
    """
    data, rows = setup.data, queried.tolist()
    excluded = ExcludedRecords([data.ids[row] for row in rows])
    excluded.texts.add([data.text_keys[row] for row in rows])
    labelled = None
    if labels is not None:
        labelled = LabelledPool()
        labelled.add_rows([data.ids[row] for row in labels.rows.tolist()], labels.names)
    return SelectionContext(labelled=labelled, excluded=excluded)
