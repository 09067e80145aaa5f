"""The step that adds topics to records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alcli.features.topics.fitted import FittedTopics
from alcli.features.topics.inputs import input_field, input_of, vector_rows

if TYPE_CHECKING:
    from alcli.core.step import Block, Result, Work
    from alcli.features.vectors import Vectors

BLOCK = 16384  # records whose vectors are looked up together


@dataclass(frozen=True, eq=False)
class AssignTopics:
    """The step: `tokens`, or `id` and its vector -> `topic`, `topic_prob`.

    vectors: files of them, or those that are in memory.
    """

    fitted: FittedTopics
    vectors: tuple[str, ...] | Vectors = ()

    def start(self) -> Work:
        """Map the vectors."""
        import msgspec

        from alcli.core import jsonl
        from alcli.core.step import Result

        topics_of = self.fitted.topics.assign
        known = self.fitted.open_vectors(self.vectors)
        row = msgspec.defstruct(
            "Row",
            [
                input_field(self.fitted.method),
                ("topic", *jsonl.optional(msgspec.Raw)),
                ("topic_prob", *jsonl.optional(msgspec.Raw)),
            ],
            gc=False,
        )
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)

        def work(block: Block) -> Result:
            rows = block.decode(decoder)
            content: Any = [input_of(row) for row in rows]
            if known is not None:
                content = known.take(vector_rows(block, known, content))
            topics, probs = topics_of(content)
            lines = []
            for row, line, topic, prob in zip(
                rows, block.lines, topics.tolist(), probs.round(6).tolist(), strict=True
            ):
                if (
                    row.topic is not msgspec.UNSET
                    or row.topic_prob is not msgspec.UNSET
                ):
                    line = jsonl.drop_members(line, "topic", "topic_prob")
                addition = jsonl.members({"topic": topic, "topic_prob": prob})
                lines.append(jsonl.splice(line, addition))
            return Result(lines, {"read": len(rows)})

        return work
