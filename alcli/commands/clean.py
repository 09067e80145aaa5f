"""Drop records that repeat others, and texts that are too short or too long.

Memory: 32 bytes per record (16 for its id, 16 for its tokens).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from alcli import options

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.core.step import Block, Result, Work


@dataclass(frozen=True)
class Clean:
    """The step; it remembers what it has seen, so it runs in one process."""

    min_tokens: int = 0
    max_tokens: int | None = None

    def start(self) -> Work:
        """Begin with nothing seen."""
        import msgspec

        from alcli.core.ids import IdSet
        from alcli.core.step import Result, identity

        row = msgspec.defstruct("Row", [("id", str | int), ("tokens", str)], gc=False)
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        ids, texts = IdSet(), IdSet()
        most = float("inf") if self.max_tokens is None else self.max_tokens

        def work(block: Block) -> Result:
            rows = block.decode(decoder)
            counts = dict.fromkeys(
                ("repeated id", "too short", "too long", "repeated tokens"), 0
            )
            new = ids.add([identity(row.id) for row in rows]).tolist()
            fit = []
            for place, (row, is_new) in enumerate(zip(rows, new, strict=True)):
                length = row.tokens.count(" ") + 1 if row.tokens else 0
                if not is_new:
                    counts["repeated id"] += 1
                elif length < self.min_tokens:
                    counts["too short"] += 1
                elif length > most:
                    counts["too long"] += 1
                else:
                    fit.append(place)
            first = texts.add([rows[place].tokens for place in fit]).tolist()
            kept = [p for p, is_first in zip(fit, first, strict=True) if is_first]
            counts["repeated tokens"] = len(fit) - len(kept)
            lines = [block.lines[place] for place in kept]
            return Result(lines, {"read": len(rows)} | counts)

        return work


def clean(
    records: Iterable[Record], *, min_tokens: int = 0, max_tokens: int | None = None
) -> Iterator[Record]:
    """Yield the records whose id and `tokens` were not met before and fit the limits.

    >>> pool = [{"id": 1, "tokens": "a b"}, {"id": 2, "tokens": "a b"}]
    >>> [record["id"] for record in clean(pool)]
    [1]

    Raises:
        InputError: a record has no `id` or no `tokens`.
    """
    from alcli.core.run import over

    return over(Clean(min_tokens, max_tokens), records)


@options.command("clean")
@options.inputs
@options.output
@click.option("--min-tokens", default=0, metavar="N", help="Drop shorter texts.")
@click.option(
    "--max-tokens", type=int, default=None, metavar="N", help="Drop longer texts."
)
@options.invalid
def command(
    files: tuple[str, ...],
    output: str,
    min_tokens: int,
    max_tokens: int | None,
    **running: Any,
) -> None:
    """Drop records with an id or with `tokens` met before, or too short or long.

    What is dropped is counted on stderr, by reason. Memory: 32 bytes per record.
    """
    from alcli.core.run import through

    step = Clean(min_tokens, max_tokens)
    through(step, files, output, report=options.report(), **running)
