"""One more round of a run: ask, merge, train, evaluate, and choose what to ask next."""

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
from alcli.annotation.votes.ledger import Ledger
from alcli.annotation.votes.merging import How, Merge, Records
from alcli.core.jsonl import Record
from alcli.core.step import Block
from alcli.evaluation.criteria import asked
from alcli.evaluation.curve import writing
from alcli.evaluation.measure import Evaluation
from alcli.models.checkpoint import Checkpoint
from alcli.models.families import load_family
from alcli.models.training import Training
from alcli.query.scoring.step import BLOCK
from alcli.simulation.data import joined
from alcli.simulation.names import aggregator
from alcli.simulation.plan import EARLY_STOPPING, HELD_OUT, STRONG, Run, tags
from alcli.simulation.query import UNPREDICTED, Questions, Rows, choose
from alcli.simulation.setup import Bench
from alcli.simulation.starting import first

POOL = "pool"  # what ended a run that has asked for all of it, or for all its texts


def finished(run: Run, curve: Sequence[Record]) -> bool:
    """Say whether a run came to its end."""
    return bool(curve) and not curve[-1]["tags"].get("next")


def play(bench: Bench, run: Run, curve: Sequence[Record]) -> Record:
    """Return the record of the round that follows a run's curve.

    What was asked so far stands in the curve: the same curve gives the same round.
    """
    marks = tags(run, bench.settings, bench.mark)
    if run.baseline:
        everything = Questions(
            bench.split.pool, np.full_like(bench.split.pool, UNPREDICTED)
        )
        labelled = _labelled(bench, everything.rows)
        return _measured(bench, _trained(bench, run, labelled), marks)
    batches = [first(bench, run.start, bench.settings.start or run.n)]
    batches += [Questions.unpacked(record["tags"]["next"]) for record in curve]
    marks |= {"round": str(len(curve))}
    gone = np.concatenate([batch.rows for batch in batches])
    labelled = _labelled(bench, gone)
    model = _trained(bench, run, labelled)
    record = _measured(bench, model, marks)
    record["batch"] = writing.batch_part([_as_asked(bench, batches[-1])], [labelled])
    if len(gone) == len(bench.split.pool):
        ended, following = POOL, ""
    elif ended := enough([*curve, record], bench.settings.until):
        following = ""
    else:
        batch, seconds = choose(bench, run.strategy, run.n, gone, labelled, model)
        record["seconds"] |= seconds
        following = batch.packed()
        ended = "" if len(batch) else POOL  # what is left has texts that were asked
    record["tags"] |= {"next": following, "ended": ended}
    return record


def enough(curve: Sequence[Record], until: Sequence[str]) -> str:
    """Return the first criterion that says so, or ""."""
    return next((text for text in until if asked(text)(curve).stop), "")


def _measured(bench: Bench, model: Checkpoint, marks: dict[str, str]) -> Record:
    start = time.monotonic()
    evaluation = Evaluation(model)
    for lines in batched(bench.split.test.lines, BLOCK):
        evaluation.add(joined(lines))
    record = evaluation.record(marks | {"made": _made(bench, model)})
    if len(bench.split.stop):
        rows = bench.split.stop.tolist()
        ids = [bench.data.ids[row] for row in rows]
        probs = model.predict([bench.data.texts[row] for row in rows]).probs
        record["stop_set"] = writing.stop_part(ids, probs)
    record["seconds"] = {
        "train": model.training["seconds"],
        "evaluate": round(time.monotonic() - start, 3),
    }
    return record


def _made(bench: Bench, model: Checkpoint) -> str:
    """Return what made a model, which may differ where a run goes on: as JSON."""
    made = {name: model.training[name] for name in ("versions", "threads")}
    if load_family(bench.family).EPOCHS:
        made["backend"] = os.environ["KERAS_BACKEND"]
        made["device"] = os.environ.get("ALCLI_DEVICE", "")
    return json.dumps(made, sort_keys=True)


def _labelled(bench: Bench, rows: Rows) -> Block:
    """Return the records as the annotators label them, the newest where it is told."""
    data, settings = bench.data, bench.settings
    tasks = [Task(data.ids[row], data.hidden[row]) for row in rows.tolist()]
    answers = simulated(tasks, bench.truth, settings.noise, seed=bench.seed)
    votes = (
        msgspec.json.encode(
            {"id": task.id, "label": answer.label, "annotator": answer.annotator}
        )
        for task, answer in answers
    )
    ledger = Ledger()
    ledger.add(joined(votes))
    records = Records(ledger)
    records.add(joined(data.hidden[row] for row in rows.tolist()))
    how = How(aggregator(settings.aggregate), newest=settings.newest)
    merged = Merge(how, ledger, records)
    return joined(line for line, has_label in merged if has_label)


def _trained(bench: Bench, run: Run, labelled: Block) -> Checkpoint:
    settings, by_epochs = bench.settings, bool(load_family(bench.family).EPOCHS)
    options, held = dict(settings.fitting), settings.validation
    if run.baseline == STRONG and by_epochs:
        options, held = options | EARLY_STOPPING, held or HELD_OUT
    elif not by_epochs:  # nothing to stop early, or in another order
        options, held = {}, held if settings.calibrate != "none" else None
    training = Training(
        init=bench.init,
        params={},
        validation=held,
        class_weight=run.class_weight or settings.class_weight,
        calibrate=settings.calibrate,
        seed=bench.seed,
    )
    training.add(labelled)
    return training.run(**options)


def _as_asked(bench: Bench, batch: Questions) -> Block:
    """Return id and `pred` of what was asked."""
    labels = bench.data.classes
    rows = zip(batch.rows.tolist(), batch.preds.tolist(), strict=True)
    return joined(
        msgspec.json.encode(
            {"id": bench.data.ids[row]}
            | ({} if pred == UNPREDICTED else {"pred": labels[pred]})
        )
        for row, pred in rows
    )
