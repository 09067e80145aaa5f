"""Compare the curves of `simulate`: areas, labels saved, significance.

Memory: the curves.
"""

from __future__ import annotations

import click

from alcli.cli import options


@options.command("compare")
@options.inputs
@options.output
@click.option(
    "--metric",
    default="macro_f1",
    show_default=True,
    metavar="NAME",
    help="Metric of the curves: accuracy, macro_f1, weighted_f1, ...",
)
@click.option(
    "--against",
    metavar="NAME",
    help="Strategy that all others are compared with.  [default: random]",
)
def command(
    files: tuple[str, ...], output: str, metric: str, against: str | None
) -> None:
    """Compare the strategies that `alcli simulate` has run, as one JSON object.

    \b
      alcli compare curve.jsonl -o summary.json
      alcli compare curve.jsonl --metric accuracy --against margin | jq .groups

    For each architecture and batch size: the area under each strategy's curve, the
    labels to 95, 98, 99 and 100 % of each baseline, the labels saved at equal score
    against random (or another: --against), and the significance of the differences:
    bootstrap intervals and Wilcoxon's test over paired seeds, corrected by Holm for all
    strategies. The same in words on stderr, at a terminal as a table, with warnings of
    few seeds, noisy labels and weak baselines. Memory: the curves.
    """
    from alcli.evaluation.compare import compare_files

    compare_files(files, output, options.report(), metric=metric, against=against)
