"""Comparison of the strategies of `alcli simulate`, as JSON, tables and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from alcli.core.files import output as open_output
from alcli.core.jsonl import Record
from alcli.core.log import log
from alcli.core.report import Report
from alcli.evaluation.comparison.summary import summarise
from alcli.evaluation.comparison.text_report import sentences, table, titles, warnings
from alcli.evaluation.curve import last_of_each_key, read
from alcli.evaluation.tables import print_comparison, tables_enabled


def compare(
    curve: Iterable[Record], *, metric: str = "macro_f1", against: str | None = None
) -> dict[str, Any]:
    """Return the summary of curves of `simulate`; see `comparison.summary.summarise`.

    against: strategy that all others are compared with, random by default.

    Raises:
        UsageError: no run is of the strategy `against`.
        InputError: curves of different data, a missing round, or no such metric.
    """
    records = last_of_each_key(curve)
    return summarise(records, metric=metric, against=against, source="<records>")


def compare_files(
    files: tuple[str, ...],
    output: str,
    report: Report,
    *,
    metric: str,
    against: str | None,
) -> None:
    """Write the summary of curve files, and log it in words; errors as in `compare`."""
    paths = files or ("-",)
    records = last_of_each_key(record for path in paths for record in read(path))
    report.count({"read": len(records)})
    summary = summarise(records, metric=metric, against=against, source=paths[0])
    with open_output(output) as out:
        out.write(msgspec.json.encode(summary) + b"\n")
    report.count({"written": 1})
    log_summary(summary)


def log_comparison(records: Iterable[Record]) -> None:
    """Log the summary of curve records, if there are any."""
    if log.isEnabledFor(20) and (rounds := list(records)):
        log_summary(summarise(rounds))


def log_summary(summary: Mapping[str, Any]) -> None:
    """Log sentences and warnings, and print a table of each group at a terminal."""
    for title, group in zip(titles(summary), summary["groups"], strict=True):
        if tables_enabled():
            print_comparison(title, *table(group))
        else:
            log.info("%s", title)
        for sentence in sentences(group):
            log.info("%s", sentence)
    for warning in warnings(summary):
        log.warning("%s", warning)
