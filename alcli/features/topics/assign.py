"""Step that adds topics to records."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from alcli.core.fields import raw, record_decoder
from alcli.core.members import drop_members, members, splice
from alcli.core.step import Block, Result, Work
from alcli.features.topics.fitted import FittedTopics
from alcli.features.topics.inputs import input_field, input_values
from alcli.features.vectors import Vectors

BLOCK = 16384  # records whose vectors are found together


@dataclass(frozen=True, eq=False)
class AssignTopics:
    """Step that adds `topic` and `topic_prob`, by `tokens` or by vectors.

    vectors: paths of Arrow files, or vectors in memory; empty for a method of tokens.
    """

    fitted: FittedTopics
    vectors: tuple[str, ...] | Vectors = ()

    def start(self) -> Work:
        """Open the vectors."""
        assign = self.fitted.topics.assign
        known = self.fitted.open_vectors(self.vectors)
        decoder = record_decoder(
            input_field(self.fitted.method), raw("topic"), raw("topic_prob")
        )
        unset = msgspec.UNSET

        def work(block: Block) -> Result:
            rows = block.decode(decoder)
            values = input_values(self.fitted.method, rows)
            if known is None:
                topics, probs = assign(values)
            else:
                found = known.require_rows(values, "records", error=block.error)
                topics, probs = assign(known.take(found))
            lines = []
            for row, line, topic, prob in zip(
                rows, block.lines, topics.tolist(), probs.round(6).tolist(), strict=True
            ):
                if row.topic is not unset or row.topic_prob is not unset:
                    line = drop_members(line, "topic", "topic_prob")
                addition = members({"topic": topic, "topic_prob": prob})
                lines.append(splice(line, addition))
            return Result(lines, {"read": len(rows)})

        return work
