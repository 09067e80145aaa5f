"""Add class probabilities to every record, and signals.

Memory: the model, and two blocks of records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from alcli.cli import options
from alcli.query.scoring.step import BLOCK, PASSES, Differences, Score, Vectored
from alcli.query.signals import signals as known

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.core.run import RunOptions
    from alcli.core.step import Result
    from alcli.models.checkpoint import Checkpoint


def score(
    records: Iterable[Record],
    *checkpoints: Checkpoint,
    signals: Sequence[str] = (),
    passes: int = PASSES,
    seed: int = 0,
) -> Iterator[Record]:
    """Yield every record with `probs` and `pred`; several checkpoints: a committee.

    signals: names of what is added as `signals`, each with its parameters, such as
    "egl-entropy,share=0.8". passes, seed: of the dropout of one network.

    Raises:
        InputError: a record lacks the field that the model reads.
        UsageError: a signal or parameter is unknown, or the model has no such thing.
    """
    from alcli.core.run import run_records
    from alcli.models.checkpoint import join

    step = Score((), join(checkpoints), (), tuple(signals), passes, seed)
    differences = Differences([f"member {i}" for i, _ in enumerate(checkpoints, 1)])

    def scored() -> Iterator[Record]:
        yield from run_records(step, records, on_result=differences.add)
        differences.warn()

    return scored()


@options.command("score", epilog=known.summaries(option="--signal"))
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
@click.option(
    "--signal",
    "signals",
    multiple=True,
    metavar="NAME[,KEY=VALUE]...",
    type=options.PluginName(known),
    help="A name from below, or FILE.py:FUNCTION; repeatable.",
)
@click.option(
    "--set",
    "params",
    multiple=True,
    metavar="passes=N",
    help=f"Passes of dropout, for signals of one network.  [default: {PASSES}]",
)
@options.seed
@options.exclude
@click.option(
    "--block",
    type=click.IntRange(min=1),
    default=BLOCK,
    show_default=True,
    metavar="N",
    help="Records that are asked of together.",
)
@click.option(
    "--vectors",
    type=options.OUTPUT,
    help="Write each record's vector to an Arrow file, for `select --vectors`.",
)
@click.option(
    "--vectors-type",
    type=click.Choice(["float32", "float16"]),
    default="float32",
    show_default=True,
    help="Of the numbers in it.",
)
@options.run_options(jobs_too=True)
def command(
    files: tuple[str, ...],
    output: str,
    models: Sequence[str],
    signals: tuple[str, ...],
    params: Sequence[str],
    seed: int,
    exclude: Sequence[str],
    block: int,
    vectors: str | None,
    vectors_type: str,
    run: RunOptions,
) -> None:
    """Add class probabilities `probs` and the most probable class `pred`.

    Vectors are what a network's last layer computes probabilities from, and for linear
    models a truncated SVD of their features, fitted with the vocabulary; they do not
    depend on the other records. The file is in its place before stdout closes.

    Memory: the model, and twice --block records; with a --signal of opinions --block x
    opinions x classes x 12 bytes more.
    """
    from alcli.core.inputs import readable_twice
    from alcli.core.params import check_range, parse
    from alcli.core.run import run_files
    from alcli.features.vector_files import vector_writer

    passes = parse(params, {"passes": PASSES}).get("passes", PASSES)
    check_range(passes >= 2, "passes", passes, "2 or more")
    with ExitStack() as stack:  # a pipe is read once, workers may be several
        seen = stack.enter_context(readable_twice(exclude)) if exclude else []
        step = Score(
            tuple(models),
            exclude=tuple(map(str, seen)),
            signals=signals,
            passes=passes,
            seed=seed,
            vectors=bool(vectors),
        )
        write = None
        if vectors:
            write = stack.enter_context(vector_writer(vectors, dtype=vectors_type))
        differences = Differences(models)

        def on_result(result: Result) -> None:
            differences.add(result)
            if write and isinstance(result, Vectored) and result.vectors is not None:
                write(result.ids, result.vectors, result.model)

        run = replace(run, block=block)
        run_files(step, files, output, run, on_result=on_result)
        differences.warn()
