"""The step that asks a model of records: `probs`, `pred`, `signals` are spliced in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from alcli.checkpoint import Checkpoint
    from alcli.core.step import Block, Result, Work

BLOCK = 16384
PASSES = 20  # of dropout


@dataclass(frozen=True)
class Score:
    """The step: the input field of a checkpoint -> `probs`, `pred` and `signals`.

    models: files, several are a committee; or a checkpoint in memory.
    exclude: files whose ids are left out. signals: names, each with its parameters.
    passes, seed: of dropout, where a signal needs several opinions of one network.
    """

    models: tuple[str, ...]
    checkpoint: Checkpoint | None = None
    exclude: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    passes: int = PASSES
    seed: int = 0
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
        from alcli.signals import Asked, spliced

        asked = Asked(self.signals)
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
                ("signals", *jsonl.optional(msgspec.Raw)),
            ],
            rename={"content": model.input},
            gc=False,
        )
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        splice, want = Writer(model.labels), asked.needs - {"probs"}
        written = ("probs", "pred", *(["signals"] if self.signals else []))

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
            texts = [row.content for row in rows]
            found = model.predict(texts, want, passes=self.passes, seed=self.seed)
            clean = [
                line
                if row.probs is row.pred is row.signals is msgspec.UNSET
                else jsonl.without(line, *written)
                for row, line in zip(rows, lines, strict=True)
            ]
            scored = splice(clean, found.probs)
            if self.signals:
                scored = spliced(scored, asked(found))
            return Result(scored, {"read": n, "excluded": n - len(rows)})

        return work
