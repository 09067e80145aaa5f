"""Measure a checkpoint, or records with `probs`, on labelled records.

Memory: 8 (C + 1) bytes per record.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from alcli.cli import options
from alcli.core.errors import UsageError

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.core.run import RunOptions
    from alcli.models.checkpoint import Checkpoint


def evaluate(
    records: Iterable[Record],
    checkpoint: Checkpoint | None = None,
    *,
    tags: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Record:
    """Return a curve record: `metrics` (flat), `interval`, `confusion`, `key`, ...

    Without a checkpoint the records carry `probs`. Intervals are 95 % bootstrap ones.

    >>> rows = [{"id": 1, "label": "yes", "probs": {"no": 0.2, "yes": 0.8}},
    ...         {"id": 2, "label": "no", "probs": {"no": 0.4, "yes": 0.6}}]
    >>> evaluate(rows)["metrics"]["accuracy"]
    0.5

    Records with a label that the model does not know count as wrong, with a warning.

    Raises:
        InputError: no records, bad `probs`.
    """
    from alcli.core.jsonl import to_blocks
    from alcli.evaluation.measure import Evaluation

    evaluation = Evaluation(checkpoint)
    for block in to_blocks(records):
        evaluation.add(block)
    evaluation.warn()
    return evaluation.record(tags or {}, seed=seed)


@options.command("evaluate")
@options.inputs
@options.output
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    type=options.INPUT,
    help="A checkpoint; several are a committee. Without one, records carry `probs`.",
)
@click.option(
    "--append", "curve", type=options.OUTPUT, help="Add the record to this ledger."
)
@click.option(
    "--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Kept as it is."
)
@click.option(
    "--stop-set",
    type=options.INPUT,
    help="Note the model's predictions on these records.",
)
@click.option(
    "--batch", type=options.INPUT, help="The batch just labelled (with --labelled)."
)
@click.option(
    "--labelled",
    type=options.INPUT,
    help="The labelled records.",
)
@click.option(
    "--fail-under",
    metavar="METRIC=VALUE",
    help="Status 1 if METRIC (accuracy, macro_f1, ...) is less than VALUE.",
)
@options.seed
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    models: tuple[str, ...],
    curve: str | None,
    tags: tuple[str, ...],
    stop_set: str | None,
    batch: str | None,
    labelled: str | None,
    fail_under: str | None,
    seed: int,
    run: RunOptions,
) -> int:
    """Measure a model on labelled records: one JSON record, on stdout or appended.

    Accuracy, balanced accuracy, P / R / F1 (per class, macro, weighted), ROC AUC,
    log loss, Brier, expected calibration error, confusion matrix; 95 % bootstrap
    intervals, for which the records of each class are drawn among themselves. Records
    with a label that the model does not know count as wrong.

    Memory: 8 (C + 1) bytes per record.
    """
    import msgspec

    from alcli.core import files as paths
    from alcli.core.jsonl import blocks
    from alcli.core.run import collect_files
    from alcli.evaluation.curve import writing
    from alcli.evaluation.measure import Evaluation
    from alcli.models.checkpoint import load, warn_duplicate_members

    if (batch and not labelled) or (stop_set and not models):
        raise UsageError("--batch goes with --labelled, and --stop-set with -m")
    if curve and output != "-":
        raise UsageError("either --append or -o")
    if curve and not (models or labelled):
        raise UsageError("--append needs -m or --labelled: how many labels was it?")
    limit = _limit(fail_under) if fail_under else None
    tagged = dict(_pair("--tag", tag) for tag in tags)
    start = time.monotonic()
    model = load(models) if models else None
    if model and len(models) > 1:
        warn_duplicate_members(model.training["key"].split("+"), models)
    evaluation = Evaluation(model)
    collect_files(evaluation, files, run)
    evaluation.warn()
    used = writing.count_labels(blocks([labelled])) if labelled else None
    asked = list(blocks([batch])) if batch else []
    mark = writing.batch_digest(asked) if batch else ""
    record = evaluation.record(tagged, labels=used, batch=mark, seed=seed)
    if batch and labelled:
        record["batch"] = writing.batch_part(asked, blocks([labelled]))
    if stop_set and model:
        ids, texts = writing.read_inputs(
            blocks([stop_set]), model.input, source=stop_set
        )
        record["stop_set"] = writing.stop_part(ids, model.predict(texts).probs)
    if limit and limit[0] not in record["metrics"]:
        known = ", ".join(record["metrics"])
        raise UsageError(f"--fail-under {limit[0]}: no such metric; there are: {known}")
    trained = model.training.get("seconds") if model else None
    spent = {"train": trained, "evaluate": round(time.monotonic() - start, 3)}
    record["seconds"] = {k: v for k, v in spent.items() if v is not None}
    line = msgspec.json.encode(record)
    if curve:
        with paths.appending(curve) as append:
            append([line])
    else:
        with paths.output(output) as out:
            out.write(line + b"\n")
    options.report().count({"written": 1})
    _show(record)
    return int(bool(limit) and _is_below(record, limit))


def _pair(option: str, text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise UsageError(f"{option} {text}: expected NAME=VALUE")
    return name, value


def _limit(text: str) -> tuple[str, float]:
    name, value = _pair("--fail-under", text)
    try:
        least = float(value)
    except ValueError:
        least = float("nan")
    if least != least:
        raise UsageError(f"--fail-under {text}: not a number")
    return name, least


def _is_below(record: Record, limit: tuple[str, float] | None) -> bool:
    from alcli.core.report import log

    if limit is None:
        return False
    name, least = limit
    below: bool = record["metrics"][name] < least
    if below:
        log.warning("%s is %.4f, below %g", name, record["metrics"][name], least)
    return below


def _show(record: Record) -> None:
    """Log a table at a terminal, one line elsewhere."""
    from alcli.core.report import log

    metrics, interval = record["metrics"], record["interval"]
    low, high = interval["accuracy"]
    log.info(
        "accuracy %.4f (%.4f to %.4f), macro F1 %.4f, on %s records%s",
        metrics["accuracy"],
        low,
        high,
        metrics["macro_f1"],
        f"{record['n']:,}",
        f" after {record['labels']:,} labels" if record["labels"] else "",
    )
    if not sys.stderr.isatty() or not log.isEnabledFor(20):
        return
    from rich.console import Console
    from rich.table import Table

    labels = record["confusion"]["labels"]
    table = Table("class", "precision", "recall", "F1", "records", *labels)
    for label, row in zip(labels, record["confusion"]["matrix"], strict=True):
        shares = [
            f"{metrics[f'{m}:{label}']:.3f}" for m in ("precision", "recall", "f1")
        ]
        table.add_row(label, *shares, str(sum(row)), *map(str, row))
    for mean in ("macro", "weighted"):
        shares = [
            f"{metrics[f'{mean}_{m}']:.3f}" for m in ("precision", "recall", "f1")
        ]
        table.add_row(mean, *shares, str(record["n"]))
    Console(stderr=True).print(table)
