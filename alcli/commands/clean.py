"""Drop records that repeat others, texts of another length or script than wanted.

Memory: 32 bytes per record (16 for its id, 16 for its tokens). Where near duplicates
are dropped also 148 bytes per kept record (276 for thresholds under 0.78, 532 under
0.7), and 4 for each different trigram of its characters, 1,024 at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from alcli.cli import options

if TYPE_CHECKING:
    from alcli.core.ids import IdSet
    from alcli.core.jsonl import Record
    from alcli.core.step import Block, Result, Work
    from alcli.text.dedup.near_duplicates import NearDuplicateFilter


@dataclass(frozen=True)
class Clean:
    """The step; it remembers what it has seen, so it runs in one process."""

    min_tokens: int = 0
    max_tokens: int | None = None
    script: str = "any"
    near_duplicates: float | None = None
    seed: int = 0

    def start(self) -> Work:
        """Begin with nothing seen."""
        import msgspec

        from alcli.core.ids import IdSet
        from alcli.core.step import Result, identity

        row = msgspec.defstruct("Row", [("id", str | int), ("tokens", str)], gc=False)
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        ids, texts = IdSet(), IdSet()
        most = float("inf") if self.max_tokens is None else self.max_tokens
        reasons = ["repeated id", "too short", "too long", "repeated tokens"]
        in_script = near = None
        if self.script != "any":
            from alcli.text.scripts import in_script as script

            in_script = script(self.script)
            reasons.insert(3, "other script")
        if self.near_duplicates is not None:
            from alcli.text.dedup.near_duplicates import NearDuplicateFilter

            near = NearDuplicateFilter(self.near_duplicates, seed=self.seed)
            reasons.append("near duplicate")

        def work(block: Block) -> Result:
            rows = block.decode(decoder)
            counts = dict.fromkeys(reasons, 0)
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
                elif in_script is not None and not in_script(row.tokens):
                    counts["other script"] += 1
                else:
                    fit.append(place)
            kept = _new(fit, rows, texts)
            counts["repeated tokens"] = len(fit) - len(kept)
            if near is not None:
                unlike = _new(kept, rows, near)
                counts["near duplicate"] = len(kept) - len(unlike)
                kept = unlike
            lines = [block.lines[place] for place in kept]
            return Result(lines, {"read": len(rows)} | counts)

        return work


def _new(
    places: list[int], rows: list[Any], seen: IdSet | NearDuplicateFilter
) -> list[int]:
    """Add the tokens of some rows, and return the places of those that are new."""
    new = seen.add([rows[place].tokens for place in places]).tolist()
    return [place for place, is_new in zip(places, new, strict=True) if is_new]


def clean(
    records: Iterable[Record],
    *,
    min_tokens: int = 0,
    max_tokens: int | None = None,
    script: str = "any",
    near_duplicates: float | None = None,
    seed: int = 0,
) -> Iterator[Record]:
    """Yield the records whose id and `tokens` were not met before and fit the limits.

    script: "fa", "latin" or "any"; a text is of another script if more than half of its
    letters are. near_duplicates: how alike (Jaccard similarity of character trigrams,
    above 0, at most 1) two texts may not be; the first is kept. seed: of the hashes by
    which they are found. `alcli.text.dedup.near_duplicates` says how, and what is
    missed.

    >>> pool = [{"id": 1, "tokens": "a b"}, {"id": 2, "tokens": "a b"}]
    >>> [record["id"] for record in clean(pool)]
    [1]
    >>> texts = ["so good !", "so good", "so bad"]
    >>> pool = [{"id": number, "tokens": text} for number, text in enumerate(texts)]
    >>> [record["tokens"] for record in clean(pool, near_duplicates=0.7)]
    ['so good !', 'so bad']

    Raises:
        InputError: a record has no `id` or no `tokens`.
        UsageError: no such script, or near_duplicates out of its range.
    """
    from alcli.core.run import run_records

    step = Clean(min_tokens, max_tokens, script, near_duplicates, seed)
    return run_records(step, records)


@options.command("clean")
@options.inputs
@options.output
@click.option(
    "--min-tokens", default=0, metavar="N", help="Drop texts of fewer tokens."
)
@click.option(
    "--max-tokens",
    type=int,
    default=None,
    metavar="N",
    help="Drop texts of more tokens.",
)
@click.option(
    "--script",
    default="any",
    show_default=True,
    metavar="NAME",
    help="Drop texts with more than half of their letters in another script than this: "
    "fa (Persian; so Arabic, too), latin, any. Without letters (emoji): kept.",
)
@click.option(
    "--near-duplicates",
    type=float,
    metavar="SHARE",
    help="Drop texts that have SHARE (0.8) or more of their character trigrams in "
    "common with an earlier text that is kept.",
)
@options.seed
@options.invalid
def command(
    files: tuple[str, ...],
    output: str,
    min_tokens: int,
    max_tokens: int | None,
    script: str,
    near_duplicates: float | None,
    seed: int,
    **running: Any,
) -> None:
    """Drop records with an id or with `tokens` met before, and texts that do not fit.

    Of equal records the first is kept; `alcli normalize` makes the `tokens`. What is
    dropped is counted on stderr, by reason.

    Near duplicates are found by MinHash (the seed is of its hashes): 98 of 100 that
    have just SHARE in common, nearly all that have more, none that has less (by an
    estimate, where a text has more than 256 different trigrams).

    Memory: 32 bytes per record; with --near-duplicates also 148 bytes per kept record
    (276 for a SHARE under 0.78, 532 under 0.7), and 4 per different trigram of it,
    1,024 at most.
    """
    from alcli.core.run import run_files

    step = Clean(min_tokens, max_tokens, script, near_duplicates, seed)
    run_files(step, files, output, report=options.report(), **running)
