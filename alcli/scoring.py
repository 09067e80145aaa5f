"""The step that asks a model of records: `probs` and `pred` are spliced in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from alcli.checkpoint import Checkpoint
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
