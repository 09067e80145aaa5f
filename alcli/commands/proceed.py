"""Are more labels worth it? The answer is the exit status.

Memory: the curve.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from alcli.cli import options
from alcli.core.errors import InputError
from alcli.evaluation.criteria import Verdict, asked, criteria

if TYPE_CHECKING:
    from alcli.core.jsonl import Record


def proceed(curve: Iterable[Record], until: Sequence[str]) -> dict[str, Verdict]:
    """Return the verdict of each criterion, `NAME[=VALUE][,key=value...]`.

    `any(verdict.stop for verdict in ...values())` is what `alcli proceed` answers.

    >>> proceed([{"labels": 500, "metrics": {}}], ["labels=1000"])
    {'labels=1000': Verdict(stop=False, value=500, threshold=1000)}

    Raises:
        UsageError: an unknown criterion or parameter.
        InputError: the curve lacks what a criterion needs.
    """
    from alcli.evaluation.curve import last_of_each_key

    rounds = last_of_each_key(curve)
    return {text: asked(text)(rounds) for text in until}


@options.command("proceed", epilog=criteria.summaries(option="--until"))
@click.argument("curve", metavar="CURVE", type=options.INPUT)
@click.option(
    "--until",
    multiple=True,
    required=True,
    metavar="NAME[=VALUE]",
    help="Stop when this is so; repeatable, any will do. More parameters follow, as in "
    "plateau,metric=accuracy,patience=5.",
)
@click.option("--all", "every", is_flag=True, help="Stop when every --until says so.")
def command(curve: str, until: tuple[str, ...], every: bool) -> int:
    """Ask whether the loop should go on: status 0 for yes, 1 for enough.

    CURVE is what `alcli evaluate --append` writes; some criteria need its --stop-set,
    or its --batch. An empty curve: go on. What cannot be judged is an error, and never
    the answer 1. While the model is untrained, only the budgets labels, rounds and
    seconds say enough; while it predicts one class only, they and no-new-find. The
    others judge the rounds after that. Memory: the curve.
    """
    from alcli.core.inputs import display_name
    from alcli.core.report import log
    from alcli.evaluation.curve import read
    from alcli.evaluation.curve.signs import doubt

    options.reading((curve,))
    for text in until:
        asked(text)([])  # what is wrong is so on an empty curve too
    rounds = read(curve)
    if not rounds:
        log.info("go on: no round so far")
        return 0
    try:
        verdicts = proceed(rounds, until)
    except InputError as error:
        raise InputError(error.problem, source=display_name(curve)) from error
    for text, (stop, value, threshold) in verdicts.items():
        found = "too early to say" if value is None else f"{value:.6g}"
        word = "enough" if stop else "go on"
        log.info("%s: %s (%s, threshold %.6g)", word, text, found, threshold)
    if problem := doubt(rounds[-1]):
        log.info("the model of the last round %s", problem)
    stops = [verdict.stop for verdict in verdicts.values()]
    return int(all(stops) if every else any(stops))
