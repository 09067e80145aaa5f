"""Evaluation of a checkpoint, or of records with `probs`: one curve record."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from alcli.core.errors import UsageError
from alcli.core.files import appending
from alcli.core.files import output as open_output
from alcli.core.jsonl import Record, blocks, to_blocks
from alcli.core.log import log
from alcli.core.run import collect, collect_files
from alcli.core.run_options import RunOptions
from alcli.evaluation.curve import writing
from alcli.evaluation.measure import Evaluation
from alcli.evaluation.settings import EvaluationSettings
from alcli.evaluation.tables import print_metrics
from alcli.models.checkpoint import Checkpoint, load, warn_duplicate_members


def evaluate(
    records: Iterable[Record],
    checkpoint: Checkpoint | None = None,
    *,
    tags: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Record:
    """Return a curve record: `metrics` (flat), `interval`, `confusion`, `key`, ...

    records: with `label`; without a checkpoint, also with `probs`. tags: copied to the
    record. seed: of the 95 % bootstrap intervals.

    >>> rows = [{"id": 1, "label": "yes", "probs": {"no": 0.2, "yes": 0.8}},
    ...         {"id": 2, "label": "no", "probs": {"no": 0.4, "yes": 0.6}}]
    >>> evaluate(rows)["metrics"]["accuracy"]
    0.5

    Records with a label that the model does not know count as wrong, with a warning.

    Raises:
        InputError: no records, bad `probs`.
    """
    evaluation = collect(Evaluation(checkpoint), to_blocks(records))
    evaluation.warn()
    return evaluation.record(tags or {}, seed=seed)


def evaluate_files(
    files: tuple[str, ...],
    output: str,
    curve: str | None,
    settings: EvaluationSettings,
    run: RunOptions,
) -> bool:
    """Write the curve record of files, and check it against `settings.fail_under`.

    output: path of the record. curve: ledger to which it is appended instead.

    Raises:
        UsageError: options that exclude or need each other, or an unknown metric.
        InputError: no records, an invalid one, or a file that cannot be read.
        CheckpointError: a model cannot be loaded.
    """
    if curve and output != "-":
        raise UsageError("either --append or -o")
    if curve and not (settings.models or settings.labelled):
        raise UsageError("--append needs -m or --labelled, for the number of labels")
    start = time.monotonic()
    model = load(settings.models) if settings.models else None
    if model and len(settings.models) > 1:
        warn_duplicate_members(model.training["key"].split("+"), settings.models)
    evaluation = collect_files(Evaluation(model), files, run)
    evaluation.warn()
    record = _record(evaluation, settings)
    limit, metrics = settings.fail_under, record["metrics"]
    if limit and limit[0] not in metrics:
        known = ", ".join(metrics)
        raise UsageError(
            f"--fail-under {limit[0]}: no such metric; choose from: {known}"
        )
    spent = {"train": model.training.get("seconds")} if model else {}
    spent["evaluate"] = round(time.monotonic() - start, 3)
    record["seconds"] = {k: v for k, v in spent.items() if v is not None}
    line = msgspec.json.encode(record)
    if curve:
        with appending(curve) as append:
            append([line])
    else:
        with open_output(output) as out:
            out.write(line + b"\n")
    run.report.count({"written": 1})
    _log_metrics(record)
    below = limit is not None and metrics[limit[0]] < limit[1]
    if limit and below:
        log.warning("%s is %.4f, below %g", limit[0], metrics[limit[0]], limit[1])
    return not below


def _record(evaluation: Evaluation, settings: EvaluationSettings) -> dict[str, Any]:
    """Return the curve record, with the fields of a batch and of a stop set."""
    batch, labelled, stop_set = settings.batch, settings.labelled, settings.stop_set
    queried = list(blocks([batch])) if batch else []
    record = evaluation.record(
        settings.tag_values(),
        labels=writing.count_labels(blocks([labelled])) if labelled else None,
        batch=writing.batch_digest(queried) if batch else "",
        seed=settings.seed,
    )
    if batch and labelled:
        preds = dict(writing.read_preds(queried))
        labels = writing.read_labels(blocks([labelled]))
        record["batch"] = writing.batch_part(preds, labels)
    if stop_set and (model := evaluation.model):
        ids, texts = writing.read_inputs(
            blocks([stop_set]), model.input, source=stop_set
        )
        record["stop_set"] = writing.stop_part(ids, model.predict(texts).probs)
    return record


def _log_metrics(record: Record) -> None:
    """Log the main metrics, and print a table of all at a terminal."""
    metrics = record["metrics"]
    log.info(
        "accuracy %.4f (%.4f to %.4f), macro F1 %.4f, on %s records%s",
        metrics["accuracy"],
        *record["interval"]["accuracy"],
        metrics["macro_f1"],
        f"{record['n']:,}",
        f" after {record['labels']:,} labels" if record["labels"] else "",
    )
    print_metrics(record)
