"""Check whether more labels are worth it: the exit status is the answer.

Memory: the curve.
"""

from __future__ import annotations

import click

from alcli.cli import options
from alcli.evaluation.criteria import criteria


@options.command("proceed", epilog=criteria.summaries(option="--until"))
@click.argument("curve", metavar="CURVE", type=options.INPUT)
@click.option(
    "--until",
    multiple=True,
    required=True,
    metavar="NAME[=VALUE]",
    help="Stop when this criterion is met (repeatable; one is enough). More "
    "parameters follow, as in plateau,metric=accuracy,patience=5.",
)
@click.option("--all", "every", is_flag=True, help="Stop when all criteria are met.")
def command(curve: str, until: tuple[str, ...], every: bool) -> int:
    """Check whether the loop should go on: status 0 for yes, 1 for enough.

    \b
      alcli proceed curve.jsonl --until labels=5000
      alcli proceed curve.jsonl --until plateau --until rounds=20 || echo enough

    CURVE is the ledger of `alcli evaluate --append`; some criteria need its --stop-set,
    or its --batch. Status 0 for an empty curve. A curve that cannot be judged is an
    error, and never status 1. While the model is untrained, only the budgets labels,
    rounds and seconds can stop the loop; while it predicts one class only, they and
    no-new-find. The others judge the rounds after that. Memory: the curve.
    """
    from alcli.evaluation.proceed import proceed_file

    options.reading((curve,))
    return int(not proceed_file(curve, until, every=every))
