"""Add class probabilities to every record.

Memory: the model, and two blocks of records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import click

from alcli import options

if TYPE_CHECKING:
    from alcli.checkpoint import Checkpoint
    from alcli.core.jsonl import Record
    from alcli.core.step import Block, Result, Work

BLOCK = 16384


@dataclass(frozen=True)
class Score:
    """The step: the input field of a checkpoint -> `probs`, `pred`.

    models: files, several are a committee; or a checkpoint in memory.
    exclude: files whose ids are left out.
    """

    models: tuple[str, ...]
    checkpoint: Checkpoint | None = None
    exclude: tuple[str, ...] = ()
    overlaps: ClassVar[bool] = True

    def start(self) -> Work:
        """Load the model or the committee."""
        import msgspec

        from alcli.checkpoint import load
        from alcli.core import jsonl
        from alcli.core.errors import CheckpointError
        from alcli.core.ids import read_ids
        from alcli.core.step import Result, identity
        from alcli.pool.probs import Writer

        model = self.checkpoint or load(self.models)
        excluded = read_ids(self.exclude)
        if not model.labels:
            raise CheckpointError("the model has no classes")
        row = msgspec.defstruct(
            "Row",
            [
                ("content", str),
                ("id", str | int, *(() if len(excluded) else (None,))),
                ("probs", *jsonl.optional(msgspec.Raw)),
                ("pred", *jsonl.optional(msgspec.Raw)),
            ],
            rename={"content": model.input},
            gc=False,
        )
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        splice = Writer(model.labels)

        def work(block: Block) -> Result:
            rows = block.decode(decoder)
            lines = block.lines
            if len(excluded):
                gone = excluded.contains([identity(row.id) for row in rows]).tolist()
                kept = [place for place, is_gone in enumerate(gone) if not is_gone]
                rows, lines = [rows[p] for p in kept], [lines[p] for p in kept]
            n = len(block.lines)
            if not rows:
                return Result([], {"read": n, "excluded": n})
            probs = model.predict([row.content for row in rows]).probs
            clean = [
                line
                if row.probs is msgspec.UNSET and row.pred is msgspec.UNSET
                else jsonl.without(line, "probs", "pred")
                for row, line in zip(rows, lines, strict=True)
            ]
            return Result(splice(clean, probs), {"read": n, "excluded": n - len(rows)})

        return work


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
