"""Round of a run: label, merge, train, evaluate, and select the next batch."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from alcli.core.jsonl import Record
from alcli.evaluation.criterion import parse_criterion
from alcli.evaluation.curve import writing
from alcli.models.checkpoint import Checkpoint
from alcli.models.families import load_family
from alcli.models.settings import ModelSettings, TrainingSettings
from alcli.models.training import Training
from alcli.query.scoring.settings import BLOCK
from alcli.simulation.batches import UNPREDICTED, QueryBatch
from alcli.simulation.labelling import Labels, label
from alcli.simulation.plan import STRONG, RunSpec, run_tags
from alcli.simulation.query import select_batch
from alcli.simulation.setup import Setup
from alcli.simulation.starting import start_set

POOL = "pool"  # end of a run whose pool has no unqueried text left
# of strong baselines, for early stopping; held out where the loop holds nothing out
EPOCHS, PATIENCE, HELD_OUT = 30, 3, 0.1


def is_finished(run: RunSpec, curve: Sequence[Record]) -> bool:
    """Check whether a run has ended: its last record names no next batch."""
    return bool(curve) and not curve[-1]["tags"].get("next")


def play_round(setup: Setup, run: RunSpec, curve: Sequence[Record]) -> Record:
    """Return the curve record of the next round.

    curve: records of the rounds so far; their tags hold every batch, so the same curve
    gives the same round.
    """
    tags, pool = run_tags(run, setup.settings, setup.fingerprint), setup.split.pool
    if run.baseline:
        return _evaluate(setup, _train(setup, run, label(setup, pool)), tags)
    batches = [start_set(setup, run.start, setup.settings.start or run.n)]
    batches += [QueryBatch.from_base64(record["tags"]["next"]) for record in curve]
    tags |= {"round": str(len(curve))}
    queried = np.concatenate([batch.rows for batch in batches])
    labels = label(setup, queried)
    model = _train(setup, run, labels)
    record = _evaluate(setup, model, tags)
    record["batch"] = _batch_part(setup, batches[-1], labels)
    if len(queried) == len(pool):
        ended, following = POOL, ""
    elif ended := first_met_criterion([*curve, record], setup.settings.until):
        following = ""
    else:
        batch, seconds = select_batch(
            setup, run.strategy, run.n, queried, labels, model
        )
        record["seconds"] |= seconds
        following = batch.to_base64()
        ended = "" if len(batch) else POOL  # only texts of queried records are left
    record["tags"] |= {"next": following, "ended": ended}
    return record


def first_met_criterion(curve: Sequence[Record], until: Sequence[str]) -> str:
    """Return the first criterion that is met, or ""."""
    return next((text for text in until if parse_criterion(text)(curve).stop), "")


def _train(setup: Setup, run: RunSpec, labels: Labels) -> Checkpoint:
    settings, by_epochs = setup.settings.training, load_family(setup.family).EPOCHS
    if run.baseline == STRONG and by_epochs:
        held_out = settings.validation or HELD_OUT
        settings = replace(
            settings, validation=held_out, epochs=EPOCHS, patience=PATIENCE
        )
    elif not by_epochs:  # no early stopping, no shuffling
        calibrate = settings.calibrate
        settings = TrainingSettings(
            validation=settings.validation if calibrate != "none" else None,
            class_weight=settings.class_weight,
            calibrate=calibrate,
        )
    weight = run.class_weight or settings.class_weight
    settings = replace(settings, class_weight=weight, seed=setup.seed)
    training, data = Training(ModelSettings(init=setup.init), settings), setup.data
    ids = [data.ids[row] for row in labels.rows.tolist()]
    training.records.extend(ids, data.texts_of(labels.rows), labels.names)
    return training.run()


def _evaluate(setup: Setup, model: Checkpoint, tags: dict[str, str]) -> Record:
    start, data, texts = time.monotonic(), setup.data, setup.split.test.texts
    blocks = [texts[at : at + BLOCK] for at in range(0, len(texts), BLOCK)]
    predictions = [model.predict(block).probs for block in blocks]
    evaluation = setup.evaluation.of_model(model, predictions)
    record = evaluation.record(tags | {"made": _environment(setup, model)})
    if len(stop := setup.split.stop):
        ids = [data.ids[row] for row in stop.tolist()]
        probs = model.predict(data.texts_of(stop)).probs
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


def _batch_part(setup: Setup, batch: QueryBatch, labels: Labels) -> Record:
    """Return the `batch` field of a curve record."""
    ids, classes = setup.data.ids, setup.data.classes
    preds = {
        ids[row]: None if pred == UNPREDICTED else classes[pred]
        for row, pred in zip(batch.rows.tolist(), batch.preds.tolist(), strict=True)
    }
    rows = labels.rows.tolist()
    labelled = zip((ids[row] for row in rows), labels.names, strict=True)
    return writing.batch_part(preds, labelled)
