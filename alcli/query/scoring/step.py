"""The step that asks a model of records: `probs`, `pred`, `signals` are spliced in."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from alcli.core.report import log
from alcli.core.step import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from alcli.core.step import Block, Work
    from alcli.models.checkpoint import Checkpoint

BLOCK = 16384
PASSES = 20  # of dropout
_SAME = 1e-6  # probabilities no further apart are equal but for rounding


@dataclass
class Predicted(Result):
    """A result with the model's key, and the number of records of unlike opinions.

    differ: None of a model that has one opinion.
    """

    model: str = ""
    differ: int | None = None


@dataclass
class Vectored(Predicted):
    """A result with ids and vectors, (n, d), of its records, too."""

    ids: list[str] = field(default_factory=list)
    vectors: NDArray[np.float32] | None = None


class Differences:
    """The warnings of a run whose committee has members that cannot differ.

    names: of the members. Members of one training are named as soon as a result has
    their keys; members that gave the same probabilities on all records at the end.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._records, self._differ, self._named = 0, 0, False

    def add(self, result: Result) -> None:
        """Look at a result."""
        if not isinstance(result, Predicted) or result.differ is None:
            return
        if not self._named:
            from alcli.models.checkpoint import warn_duplicate_members

            warn_duplicate_members(result.model.split("+"), self._names)
        self._named = True
        self._records += len(result.lines)
        self._differ += result.differ

    def warn(self) -> None:
        """Log a line if no member differed from another on any record."""
        if self._records and not self._differ:
            log.warning(
                "members never differ, on %s records: every signal of disagreement is "
                "0; `alcli train --bootstrap` with another --seed makes members that "
                "differ",
                f"{self._records:,}",
            )


@dataclass(frozen=True)
class Score:
    """The step: the input field of a checkpoint -> `probs`, `pred` and `signals`.

    models: files, several are a committee; or a checkpoint in memory.
    exclude: files whose ids are left out. signals: names, each with its parameters.
    passes, seed: of dropout, where a signal needs several opinions of one network.
    vectors: the results are `Vectored`.
    """

    models: tuple[str, ...]
    checkpoint: Checkpoint | None = None
    exclude: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    passes: int = PASSES
    seed: int = 0
    vectors: bool = False
    overlaps: ClassVar[bool] = True

    def start(self) -> Work:
        """Load the model or the committee."""
        import msgspec

        from alcli.core import jsonl
        from alcli.core.errors import CheckpointError
        from alcli.core.ids import read_ids
        from alcli.core.step import identity
        from alcli.models.checkpoint import load
        from alcli.query.scoring.probs_writer import Writer
        from alcli.query.signals import SignalRequest, splice_signals

        asked = SignalRequest(self.signals)
        model = self.checkpoint or load(self.models)
        excluded = read_ids(self.exclude)
        if not model.labels:
            raise CheckpointError("the model has no classes")
        written = ("probs", "pred", *(["signals"] if self.signals else []))
        row = msgspec.defstruct(
            "Row",
            [
                ("content", str),
                ("id", str | int, *(() if len(excluded) or self.vectors else (None,))),
                *((name, *jsonl.optional(msgspec.Raw)) for name in written),
            ],
            rename={"content": model.input},
            gc=False,
        )
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        splice, key = Writer(model.labels), str(model.training.get("key", ""))
        want = asked.needs - {"probs"} | ({"vectors"} if self.vectors else set())
        of, fresh = attrgetter(*written), (msgspec.UNSET,) * len(written)

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
                line if of(row) == fresh else jsonl.drop_members(line, *written)
                for row, line in zip(rows, lines, strict=True)
            ]
            scored = splice(clean, found.probs)
            if self.signals:
                scored = splice_signals(scored, asked(found))
            counts = {"read": n, "excluded": n - len(rows)}
            result = Predicted(scored, counts)
            if self.vectors:
                ids = [identity(row.id) for row in rows]
                result = Vectored(scored, counts, ids=ids, vectors=found.vectors)
            result.model, result.differ = key, _differ(found.member_probs)
            return result

        return work


def _differ(stack: NDArray[np.float32] | None) -> int | None:
    """Return the number of records of unlike opinions; stack: (m, n, C)."""
    if stack is None:
        return None
    spread = stack.max(axis=0) - stack.min(axis=0)  # (n, C)
    return int((spread.max(axis=1, initial=0) > _SAME).sum())
