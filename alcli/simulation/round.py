"""Round of a run: label, merge, train, evaluate, and select the next batch."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from itertools import batched

import msgspec
import numpy as np

from alcli.annotation.labelers import Task
from alcli.annotation.labelers.gold import simulated
from alcli.annotation.settings import MergeSettings
from alcli.annotation.votes.ledger import Ledger
from alcli.annotation.votes.merging import Merge, VotedRecords
from alcli.core.jsonl import Record
from alcli.core.step import Block
from alcli.evaluation.criterion import parse_criterion
from alcli.evaluation.curve import writing
from alcli.evaluation.measure import Evaluation
from alcli.models.checkpoint import Checkpoint
from alcli.models.families import load_family
from alcli.models.training import Training
from alcli.query.scoring.step import BLOCK
from alcli.simulation.data import block_of
from alcli.simulation.plan import EARLY_STOPPING, HELD_OUT, STRONG, RunSpec, run_tags
from alcli.simulation.plugin_specs import parse_aggregator
from alcli.simulation.query import UNPREDICTED, QueryBatch, RowIndices, select_batch
from alcli.simulation.setup import Setup
from alcli.simulation.starting import start_set

POOL = "pool"  # end of a run whose pool has no unqueried text left


def is_finished(run: RunSpec, curve: Sequence[Record]) -> bool:
    """Check whether a run has ended: its last record names no next batch."""
    return bool(curve) and not curve[-1]["tags"].get("next")


def play_round(setup: Setup, run: RunSpec, curve: Sequence[Record]) -> Record:
    """Return the curve record of the next round.

    curve: records of the rounds so far; their tags hold every batch, so the same curve
    gives the same round.
    """
    tags = run_tags(run, setup.settings, setup.fingerprint)
    if run.baseline:
        everything = QueryBatch(
            setup.split.pool, np.full_like(setup.split.pool, UNPREDICTED)
        )
        labelled = _label(setup, everything.rows)
        return _evaluate(setup, _train(setup, run, labelled), tags)
    batches = [start_set(setup, run.start, setup.settings.start or run.n)]
    batches += [QueryBatch.from_base64(record["tags"]["next"]) for record in curve]
    tags |= {"round": str(len(curve))}
    queried = np.concatenate([batch.rows for batch in batches])
    labelled = _label(setup, queried)
    model = _train(setup, run, labelled)
    record = _evaluate(setup, model, tags)
    record["batch"] = writing.batch_part([_batch_block(setup, batches[-1])], [labelled])
    if len(queried) == len(setup.split.pool):
        ended, following = POOL, ""
    elif ended := first_met_criterion([*curve, record], setup.settings.until):
        following = ""
    else:
        batch, seconds = select_batch(
            setup, run.strategy, run.n, queried, labelled, model
        )
        record["seconds"] |= seconds
        following = batch.to_base64()
        ended = "" if len(batch) else POOL  # only texts of queried records are left
    record["tags"] |= {"next": following, "ended": ended}
    return record


def first_met_criterion(curve: Sequence[Record], until: Sequence[str]) -> str:
    """Return the first criterion that is met, or ""."""
    return next((text for text in until if parse_criterion(text)(curve).stop), "")


def _evaluate(setup: Setup, model: Checkpoint, tags: dict[str, str]) -> Record:
    start = time.monotonic()
    evaluation = Evaluation(model)
    for lines in batched(setup.split.test.lines, BLOCK):
        evaluation.add(block_of(lines))
    record = evaluation.record(tags | {"made": _environment(setup, model)})
    if len(setup.split.stop):
        rows = setup.split.stop.tolist()
        ids = [setup.data.ids[row] for row in rows]
        probs = model.predict([setup.data.texts[row] for row in rows]).probs
        record["stop_set"] = writing.stop_part(ids, probs)
    record["seconds"] = {
        "train": model.training["seconds"],
        "evaluate": round(time.monotonic() - start, 3),
    }
    return record


def _environment(setup: Setup, model: Checkpoint) -> str:
    """Return versions, threads and device of a model, as JSON.

    They may differ between rounds, where a run is resumed elsewhere.
    """
    made = {name: model.training[name] for name in ("versions", "threads")}
    if load_family(setup.family).EPOCHS:
        made["backend"] = os.environ["KERAS_BACKEND"]
        made["device"] = os.environ.get("ALCLI_DEVICE", "")
    return json.dumps(made, sort_keys=True)


def _label(setup: Setup, rows: RowIndices) -> Block:
    """Return the records with the merged labels of simulated annotators.

    The newest come first or last, by `settings.newest`.
    """
    data, settings = setup.data, setup.settings
    tasks = [Task(data.ids[row], data.hidden[row]) for row in rows.tolist()]
    answers = simulated(tasks, setup.truth, settings.noise, seed=setup.seed)
    votes = (
        msgspec.json.encode(
            {"id": task.id, "label": answer.label, "annotator": answer.annotator}
        )
        for task, answer in answers
    )
    ledger = Ledger()
    ledger.add(block_of(votes))
    records = VotedRecords(ledger)
    records.add(block_of(data.hidden[row] for row in rows.tolist()))
    merge_settings = MergeSettings(
        parse_aggregator(settings.aggregate), newest=settings.newest
    )
    merged = Merge(merge_settings, ledger, records)
    return block_of(line for line, has_label in merged if has_label)


def _train(setup: Setup, run: RunSpec, labelled: Block) -> Checkpoint:
    settings, by_epochs = setup.settings, bool(load_family(setup.family).EPOCHS)
    options, held = dict(settings.fitting), settings.validation
    if run.baseline == STRONG and by_epochs:
        options, held = options | EARLY_STOPPING, held or HELD_OUT
    elif not by_epochs:  # no epochs: no early stopping, no shuffling
        options, held = {}, held if settings.calibrate != "none" else None
    training = Training(
        init=setup.init,
        params={},
        validation=held,
        class_weight=run.class_weight or settings.class_weight,
        calibrate=settings.calibrate,
        seed=setup.seed,
    )
    training.add(labelled)
    return training.run(**options)


def _batch_block(setup: Setup, batch: QueryBatch) -> Block:
    """Return records with the `id` and `pred` of a batch."""
    labels = setup.data.classes
    rows = zip(batch.rows.tolist(), batch.preds.tolist(), strict=True)
    return block_of(
        msgspec.json.encode(
            {"id": setup.data.ids[row]}
            | ({} if pred == UNPREDICTED else {"pred": labels[pred]})
        )
        for row, pred in rows
    )
