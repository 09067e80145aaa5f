"""One more round of a run: ask, merge, train, evaluate, and choose what to ask next."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.checkpoint import Checkpoint
from alcli.core.jsonl import Record
from alcli.core.step import Block, identity
from alcli.criteria import asked
from alcli.curves import parts
from alcli.evaluation import Evaluation
from alcli.labelers import Task
from alcli.labelers.gold import simulated
from alcli.learners import family
from alcli.pool.choice import Choice
from alcli.scoring import BLOCK, Score
from alcli.simulation.bench import Bench
from alcli.simulation.data import joined
from alcli.simulation.names import aggregator, strategy
from alcli.simulation.plan import EARLY_STOPPING, HELD_OUT, STRONG, Run, tags
from alcli.training import Training
from alcli.votes.ledger import Ledger
from alcli.votes.merging import How, Merge, Records

type Rows = NDArray[np.intp]  # numbers of records in the data
POOL = "pool"  # what ended a run that has asked for all of it
UNPREDICTED = 0xFFFFFFFF  # by a model: there is no `pred`


@dataclass(frozen=True)
class Batch:
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
    def unpacked(cls, text: str) -> Batch:
        """Return what was packed."""
        flat = np.frombuffer(base64.b64decode(text), "<u4").astype(np.intp)
        return cls(*flat.reshape(-1, 2).T)


def finished(run: Run, curve: Sequence[Record]) -> bool:
    """Say whether a run came to its end."""
    return bool(curve) and not curve[-1]["tags"].get("next")


def play(bench: Bench, run: Run, curve: Sequence[Record]) -> Record:
    """Return the record of the round that follows a run's curve.

    What was asked so far stands in the curve: the same curve gives the same round.
    """
    marks = tags(run, bench.settings, bench.mark)
    if run.baseline:
        everything = Batch(
            bench.split.pool, np.full_like(bench.split.pool, UNPREDICTED)
        )
        return _measured(bench, run, [everything], marks)[0]
    batches = [_first(bench, run.start, bench.settings.start or run.n)]
    batches += [Batch.unpacked(record["tags"]["next"]) for record in curve]
    marks |= {"round": str(len(curve))}
    record, model = _measured(bench, run, batches, marks)
    gone = np.concatenate([batch.rows for batch in batches])
    if len(gone) == len(bench.split.pool):
        ended, following = POOL, ""
    elif ended := enough([*curve, record], bench.settings.until):
        following = ""
    else:
        batch, seconds = _chosen(bench, run.strategy, run.n, gone, model)
        record["seconds"] |= seconds
        following = batch.packed()
    record["tags"] |= {"next": following, "ended": ended}
    return record


def enough(curve: Sequence[Record], until: Sequence[str]) -> str:
    """Return the first criterion that says so, or ""."""
    return next((text for text in until if asked(text)(curve).stop), "")


def _first(bench: Bench, name: str, size: int) -> Batch:
    """Return the start set, the same for all runs of a bench."""
    if (name, size) not in bench.starts:
        nobody = np.empty(0, np.intp)
        found = _chosen(bench, name, size, nobody, bench.init)[0]
        bench.starts[name, size] = found
    batch: Batch = bench.starts[name, size]
    return batch


def _measured(
    bench: Bench, run: Run, batches: Sequence[Batch], marks: dict[str, str]
) -> tuple[Record, Checkpoint]:
    labelled = _labelled(bench, np.concatenate([batch.rows for batch in batches]))
    model = _trained(bench, run, labelled)
    start = time.monotonic()
    evaluation = Evaluation(model)
    for lines in batched(bench.split.test.lines, BLOCK):
        evaluation.add(joined(lines))
    record = evaluation.record(marks)
    if not run.baseline:
        record["batch"] = parts.batch_part([_as_asked(bench, batches[-1])], [labelled])
    if len(bench.split.stop):
        rows = bench.split.stop.tolist()
        ids = [bench.data.ids[row] for row in rows]
        probs = model.predict([bench.data.texts[row] for row in rows]).probs
        record["stop_set"] = parts.stop_part(ids, probs)
    record["seconds"] = {
        "train": model.training["seconds"],
        "evaluate": round(time.monotonic() - start, 3),
    }
    return record, model


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
    settings, by_epochs = bench.settings, bool(family(bench.family).EPOCHS)
    options, held = dict(settings.fitting), settings.validation
    if run.baseline == STRONG and by_epochs:
        options, held = options | EARLY_STOPPING, held or HELD_OUT
    elif not by_epochs:  # nothing to stop early, or in another order
        options, held = {}, held if settings.calibrate != "none" else None
    training = Training(
        init=bench.init,
        params={},
        validation=held,
        class_weight=settings.class_weight,
        calibrate=settings.calibrate,
        seed=bench.seed,
    )
    training.add(labelled)
    return training.run(**options)


def _as_asked(bench: Bench, batch: Batch) -> Block:
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


class _Query(msgspec.Struct, gc=False):
    id: str | int
    pred: str | None = None


def _chosen(
    bench: Bench, name: str, n: int, gone: Rows, model: Checkpoint
) -> tuple[Batch, dict[str, float]]:
    """Return what a strategy chooses of the pool, and the seconds that it took."""
    plain, found, params = strategy(name)
    choice = Choice(n, found, params=params, seed=bench.seed)
    score = Score((), model).start()
    start, scoring = time.monotonic(), 0.0
    out = set(gone.tolist())
    for rows in batched(bench.split.pool.tolist(), BLOCK):
        block = joined([bench.data.hidden[row] for row in rows if row not in out])
        if "probs" in found.needs:
            before = time.monotonic()
            block = joined(score(block).lines)
            scoring += time.monotonic() - before
        choice.add(block)
    batch = choice.batch(plain)
    if "probs" not in found.needs and len(gone):
        batch = score(joined(batch)).lines  # what it thinks of those that it asks
    decode = msgspec.json.Decoder(_Query).decode
    labels = {label: number for number, label in enumerate(bench.data.classes)}
    picks = [decode(line) for line in batch]
    seconds = {"score": scoring, "select": time.monotonic() - start - scoring}
    return Batch(
        np.array([bench.row[identity(pick.id)] for pick in picks], np.intp),
        np.array(
            [UNPREDICTED if pick.pred is None else labels[pick.pred] for pick in picks],
            np.intp,
        ),
    ), {name: round(value, 3) for name, value in seconds.items()}
