"""Step that splices `probs`, `pred` and `signals` into records."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import ClassVar

import msgspec

from alcli.core.errors import CheckpointError
from alcli.core.fields import content, defaulted, raw, record_decoder
from alcli.core.ids import read_ids
from alcli.core.members import drop_members
from alcli.core.step import Block, Result, Work, identity
from alcli.core.types import Float32s
from alcli.models.checkpoint import Checkpoint, load
from alcli.query.scoring.probs_writer import ProbsWriter
from alcli.query.scoring.settings import ScoringSettings
from alcli.query.scoring.signals_writer import splice_signals
from alcli.query.signals import SignalRequest

_ROUNDING = 1e-6  # probabilities no further apart are equal


@dataclass
class ScoreResult(Result):
    """Result with the key of the model.

    differing: number of records on which members or dropout passes differ; None for a
    model of one prediction. ids, vectors: of the n records, vectors (n, d), if they
    were requested.
    """

    model: str = ""
    differing: int | None = None
    ids: list[str] = field(default_factory=list)
    vectors: Float32s | None = None


@dataclass(frozen=True)
class Score:
    """Step that adds `probs`, `pred` and `signals` to records.

    model: checkpoint, or paths of one or of the members of a committee.
    vectors: whether the results have vectors.
    """

    model: Checkpoint | tuple[str, ...]
    settings: ScoringSettings
    vectors: bool = False
    overlaps: ClassVar[bool] = True

    def start(self) -> Work:
        """Load the model or the committee."""
        settings = self.settings
        request = SignalRequest(settings.signals)
        model = load(self.model) if isinstance(self.model, tuple) else self.model
        excluded = read_ids(settings.exclude)
        if not model.labels:
            raise CheckpointError("the model has no classes")
        replaced = ("probs", "pred", *(["signals"] if settings.signals else []))
        needs_id = len(excluded) or self.vectors
        decoder = record_decoder(
            content(model.input),
            "id" if needs_id else defaulted("id", None),
            *map(raw, replaced),
        )
        add_probs, key = ProbsWriter(model.labels), str(model.training.get("key", ""))
        want = request.needs - {"probs"} | ({"vectors"} if self.vectors else set())
        replaced_of, new = attrgetter(*replaced), (msgspec.UNSET,) * len(replaced)

        def work(block: Block) -> Result:
            rows, lines = block.decode(decoder), block.lines
            if len(excluded):
                out = excluded.contains([identity(row.id) for row in rows]).tolist()
                kept = [place for place, is_out in enumerate(out) if not is_out]
                rows, lines = [rows[p] for p in kept], [lines[p] for p in kept]
            n = len(block.lines)
            counts = {"read": n, "excluded": n - len(rows)}
            if not rows:
                return Result([], counts)
            texts = [row.content for row in rows]
            passes, seed = settings.passes, settings.seed
            found = model.predict(texts, want, passes=passes, seed=seed)
            lines = [
                line if replaced_of(row) == new else drop_members(line, *replaced)
                for row, line in zip(rows, lines, strict=True)
            ]
            lines = add_probs(lines, found.probs)
            if settings.signals:
                lines = splice_signals(lines, request(found))
            return ScoreResult(
                lines,
                counts,
                model=key,
                differing=_count_differing(found.member_probs),
                ids=[identity(row.id) for row in rows] if self.vectors else [],
                vectors=found.vectors if self.vectors else None,
            )

        return work


def _count_differing(member_probs: Float32s | None) -> int | None:
    """Return the number of texts on which members differ; their probs: (m, n, C)."""
    if member_probs is None:
        return None
    spread = member_probs.max(axis=0) - member_probs.min(axis=0)  # (n, C)
    return int((spread.max(axis=1, initial=0) > _ROUNDING).sum())
