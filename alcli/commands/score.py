"""Add class probabilities to every record.

Memory: the model, and two blocks of records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from alcli import options
from alcli.scoring import BLOCK, Score

if TYPE_CHECKING:
    from alcli.checkpoint import Checkpoint
    from alcli.core.jsonl import Record


def score(records: Iterable[Record], *checkpoints: Checkpoint) -> Iterator[Record]:
    """Yield every record with `probs` and `pred`; several checkpoints: a committee.

    Raises:
        InputError: a record lacks the field that the model reads.
    """
    from alcli.checkpoint import join
    from alcli.core.run import over

    return over(Score((), join(checkpoints)), records)


@options.command("score")
@options.inputs
@options.output
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    required=True,
    type=options.INPUT,
    help="A checkpoint; several are a committee.",
)
@options.exclude
@click.option(
    "--block",
    type=click.IntRange(min=1),
    default=BLOCK,
    show_default=True,
    metavar="N",
    help="Records that are asked of together.",
)
@options.jobs
@options.invalid
def command(
    files: tuple[str, ...],
    output: str,
    models: Sequence[str],
    exclude: Sequence[str],
    block: int,
    **running: Any,
) -> None:
    """Add class probabilities `probs` and the most probable class `pred`.

    Memory: the model, and twice --block records.
    """
    from alcli.core.inputs import readable_twice
    from alcli.core.run import through

    report = options.report()
    with ExitStack() as stack:  # a pipe is read once, workers may be several
        seen = stack.enter_context(readable_twice(exclude)) if exclude else []
        step = Score(tuple(models), exclude=tuple(map(str, seen)))
        through(step, files, output, report=report, block=block, **running)
