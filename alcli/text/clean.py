"""Filter of repeated records, and of texts of unsuitable length or script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from alcli.core.fields import record_decoder
from alcli.core.ids import IdSet
from alcli.core.jsonl import Record
from alcli.core.run import run_files, run_records
from alcli.core.run_options import RunOptions
from alcli.core.step import Block, Result, Work, identity
from alcli.text.dedup.near_duplicates import NearDuplicateFilter
from alcli.text.scripts import in_script
from alcli.text.settings import CleaningSettings


def clean(records: Iterable[Record], **settings: Any) -> Iterator[Record]:
    """Yield the records with new `id`, new `tokens`, and a text within the limits.

    settings: fields of `CleaningSettings`: min_tokens, max_tokens, script ("fa",
    "latin" or "any"), near_duplicates, and the seed of its hashes.

    >>> pool = [{"id": 1, "tokens": "a b"}, {"id": 2, "tokens": "a b"}]
    >>> [record["id"] for record in clean(pool)]
    [1]
    >>> texts = ["so good !", "so good", "so bad"]
    >>> pool = [{"id": number, "tokens": text} for number, text in enumerate(texts)]
    >>> [record["tokens"] for record in clean(pool, near_duplicates=0.7)]
    ['so good !', 'so bad']

    Raises:
        InputError: a record lacks `id` or `tokens`.
        UsageError: an unknown script, or near_duplicates out of range.
    """
    return run_records(Clean(CleaningSettings(**settings)), records)


def clean_files(
    files: tuple[str, ...], output: str, settings: CleaningSettings, run: RunOptions
) -> None:
    """Clean the records of files; errors as in `run_files`."""
    run_files(Clean(settings), files, output, run)


@dataclass(frozen=True)
class Clean:
    """Step that drops records; it keeps ids and texts, so it runs in one process."""

    settings: CleaningSettings

    def start(self) -> Work:
        """Start without earlier records."""
        settings = self.settings
        decoder = record_decoder("id", "tokens")
        ids, texts = IdSet(), IdSet()
        longest = float("inf") if settings.max_tokens is None else settings.max_tokens
        reasons = ["repeated id", "too short", "too long", "repeated tokens"]
        fits_script = near = None
        if settings.script != "any":
            fits_script = in_script(settings.script)
            reasons.insert(3, "other script")
        if settings.near_duplicates is not None:
            near = NearDuplicateFilter(settings.near_duplicates, seed=settings.seed)
            reasons.append("near duplicate")

        def work(block: Block) -> Result:
            rows = block.decode(decoder)
            counts = dict.fromkeys(reasons, 0)
            new = ids.add([identity(row.id) for row in rows]).tolist()
            fitting = []
            for place, (row, is_new) in enumerate(zip(rows, new, strict=True)):
                length = row.tokens.count(" ") + 1 if row.tokens else 0
                if not is_new:
                    counts["repeated id"] += 1
                elif length < settings.min_tokens:
                    counts["too short"] += 1
                elif length > longest:
                    counts["too long"] += 1
                elif fits_script is not None and not fits_script(row.tokens):
                    counts["other script"] += 1
                else:
                    fitting.append(place)
            kept = _new_texts(fitting, rows, texts)
            counts["repeated tokens"] = len(fitting) - len(kept)
            if near is not None:
                unlike = _new_texts(kept, rows, near)
                counts["near duplicate"] = len(kept) - len(unlike)
                kept = unlike
            lines = [block.lines[place] for place in kept]
            return Result(lines, {"read": len(rows)} | counts)

        return work


def _new_texts(
    places: list[int], rows: list[Any], seen: IdSet | NearDuplicateFilter
) -> list[int]:
    """Add the tokens of some rows; return the places of new ones."""
    new = seen.add([rows[place].tokens for place in places]).tolist()
    return [place for place, is_new in zip(places, new, strict=True) if is_new]
