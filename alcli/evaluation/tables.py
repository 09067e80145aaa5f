"""Tables on stderr, printed at a terminal only: metrics, and comparisons."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from alcli.core.log import log

WIDE = 140  # columns of a terminal that the whole table of a comparison needs


def tables_enabled() -> bool:
    """Check whether stderr is a terminal, and messages are not silenced."""
    return sys.stderr.isatty() and log.isEnabledFor(logging.INFO)


def print_metrics(record: Mapping[str, Any]) -> None:
    """Print precision, recall, F1 and the confusion matrix of a curve record."""
    if not tables_enabled():
        return
    from rich.console import Console
    from rich.table import Table

    metrics, confusion = record["metrics"], record["confusion"]

    def shares(key: str) -> list[str]:
        return [f"{metrics[key.format(m)]:.3f}" for m in ("precision", "recall", "f1")]

    table = Table("class", "precision", "recall", "F1", "records", *confusion["labels"])
    for label, row in zip(confusion["labels"], confusion["matrix"], strict=True):
        table.add_row(label, *shares(f"{{}}:{label}"), *map(str, (sum(row), *row)))
    for mean in ("macro", "weighted"):
        table.add_row(mean, *shares(f"{mean}_{{}}"), str(record["n"]))
    Console(stderr=True).print(table)


def print_comparison(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Print a table; in two halves if it is wider than the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Column, Table

    console = Console(stderr=True)
    half, every = (len(columns) + 1) // 2, list(range(len(columns)))
    halves = [every[:half], [0, *every[half:]]]
    for part in [every] if console.width > WIDE else halves:
        table = Table(
            *(Column(columns[place], no_wrap=True) for place in part),
            title=title,
            title_justify="left",
            box=box.SIMPLE_HEAD,
        )
        for row in rows:
            table.add_row(*(row[place] for place in part))
        console.print(table)
