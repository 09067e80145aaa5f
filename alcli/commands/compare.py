"""Compare the curves of `simulate`: areas, labels saved, significance.

Memory: the curves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from alcli.cli import options

if TYPE_CHECKING:
    from alcli.core.jsonl import Record


WIDE = 140  # columns of a terminal that the whole table needs


def compare(
    curve: Iterable[Record], *, metric: str = "macro_f1", against: str | None = None
) -> dict[str, Any]:
    """Return the summary of `simulate`'s curves; see `comparison.summary.summarise`.

    against: the strategy that all others are compared with, random by default.

    Raises:
        InputError: they are of different data, a round is missing, none has the metric.
    """
    from alcli.evaluation.comparison.summary import summarise
    from alcli.evaluation.curve import last_of_each_key

    records = last_of_each_key(curve)
    return summarise(records, metric=metric, against=against, source="<records>")


@options.command("compare")
@options.inputs
@options.output
@click.option(
    "--metric",
    default="macro_f1",
    show_default=True,
    metavar="NAME",
    help="Of the curves: accuracy, macro_f1, weighted_f1, ...",
)
@click.option(
    "--against",
    metavar="NAME",
    help="The strategy that all others are compared with.  [default: random]",
)
def command(
    files: tuple[str, ...], output: str, metric: str, against: str | None
) -> None:
    """Compare the strategies that `alcli simulate` has run, as one JSON object.

    \b
      alcli compare curve.jsonl -o summary.json

    For each architecture and batch size: the area under each strategy's curve, the
    labels to 95, 98, 99 and 100 % of each baseline, the labels saved at equal score
    against random (or another: --against), and what of it is more than chance:
    bootstrap intervals and Wilcoxon's test over paired seeds, by Holm for all
    strategies. The same in words on stderr, at a terminal as a table, with what should
    make one doubt. Memory: the curves.
    """
    import msgspec

    from alcli.core.files import output as opened
    from alcli.evaluation.comparison.summary import summarise
    from alcli.evaluation.curve import last_of_each_key, read

    paths = files or ("-",)
    records = last_of_each_key(record for path in paths for record in read(path))
    options.report().count({"read": len(records)})
    summary = summarise(records, metric=metric, against=against, source=paths[0])
    with opened(output) as out:
        out.write(msgspec.json.encode(summary) + b"\n")
    options.report().count({"written": 1})
    log_summary(summary)


def log_comparison(records: Iterable[Record]) -> None:
    """Log the summary of curve records, if there are any."""
    from alcli.core.report import log
    from alcli.evaluation.comparison.summary import summarise

    if log.isEnabledFor(20) and (rounds := list(records)):
        log_summary(summarise(rounds))


def log_summary(summary: Mapping[str, Any]) -> None:
    """Log a table for each group at a terminal, and sentences."""
    import sys

    from alcli.core.report import log
    from alcli.evaluation.comparison.text_report import (
        sentences,
        table,
        titles,
        warnings,
    )

    drawn = sys.stderr.isatty() and log.isEnabledFor(20)
    for title, group in zip(titles(summary), summary["groups"], strict=True):
        if drawn:
            _draw(title, *table(group))
        else:
            log.info("%s", title)
        for sentence in sentences(group):
            log.info("%s", sentence)
    for warning in warnings(summary):
        log.warning("%s", warning)


def _draw(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw a table, in two halves where it is wider than the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(stderr=True)
    half = (len(columns) + 1) // 2
    whole = [list(range(len(columns)))]
    for part in (
        whole if console.width > WIDE else [whole[0][:half], [0, *whole[0][half:]]]
    ):
        drawn = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
        for place in part:
            drawn.add_column(columns[place], no_wrap=True)
        for row in rows:
            drawn.add_row(*(row[place] for place in part))
        console.print(drawn)
