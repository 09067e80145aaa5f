"""Filter of repeated records, and of texts of unsuitable length or script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from alcli.core.fields import Member, class_name, record_decoder
from alcli.core.ids import IdSet
from alcli.core.jsonl import Record
from alcli.core.log import log
from alcli.core.run import run_files, run_records
from alcli.core.run_options import RunOptions
from alcli.core.step import Block, Result, Work, identity
from alcli.text.dedup.near_duplicates import NearDuplicateFilter
from alcli.text.scripts import in_script
from alcli.text.settings import CleaningSettings

_ANOTHER_LABEL = "repeated tokens of another label"


def clean(
    records: Iterable[Record],
    *,
    min_tokens: int = 0,
    max_tokens: int | None = None,
    script: str = "any",
    near_duplicates: float | None = None,
    seed: int = 0,
) -> Iterator[Record]:
    """Yield the records with new `id`, new `tokens`, and a text within the limits.

    min_tokens, max_tokens: least and largest number of tokens.
    script: that of more than half of the letters, "fa", "latin" or "any".
    near_duplicates: least share of common character trigrams, in (0, 1], of texts of
        which the first is kept.
    seed: of the hashes by which near-duplicates are found.

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
    settings = CleaningSettings(
        min_tokens=min_tokens,
        max_tokens=max_tokens,
        script=script,
        near_duplicates=near_duplicates,
        seed=seed,
    )
    return _cleaned(Clean(settings), records)


def _cleaned(step: Clean, records: Iterable[Record]) -> Iterator[Record]:
    conflicts = _ConflictCount()
    yield from run_records(step, records, conflicts.add)
    conflicts.warn()


def clean_files(
    files: tuple[str, ...], output: str, settings: CleaningSettings, run: RunOptions
) -> None:
    """Clean the records of files; errors as in `run_files`."""
    conflicts = _ConflictCount()
    run_files(Clean(settings), files, output, run, on_result=conflicts.add)
    conflicts.warn()


@dataclass(frozen=True)
class Clean:
    """Step that drops records; it keeps ids and texts, so it runs in one process."""

    settings: CleaningSettings

    def start(self) -> Work:
        """Start without earlier records."""
        settings = self.settings
        decoder = record_decoder(
            "id", "tokens", Member("label", Any, None)
        )  # no check here: a list is no error
        ids, texts, labels = IdSet(), IdSet(), _KeptLabels()
        longest = float("inf") if settings.max_tokens is None else settings.max_tokens
        reasons = [
            *("repeated id", "too short", "too long"),
            *("repeated tokens", _ANOTHER_LABEL),
        ]
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
            again = [rows[place] for place in sorted({*fitting} - {*kept})]
            labels.add([rows[place] for place in kept])
            counts[_ANOTHER_LABEL] = labels.count_others(again)
            counts["repeated tokens"] = len(again) - counts[_ANOTHER_LABEL]
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


class _KeptLabels:
    """Labels of kept texts, at 32 bytes per labelled record."""

    def __init__(self) -> None:
        self._pairs = IdSet()

    def add(self, rows: Iterable[Any]) -> None:
        """Add kept rows; those without a label are ignored."""
        labelled = [row for row in rows if row.label is not None]
        keys = [(f"{row.tokens}\0", _pair(row)) for row in labelled]
        if keys:
            self._pairs.add([*chain.from_iterable(keys)])

    def count_others(self, rows: Iterable[Any]) -> int:
        """Return the number of rows of a kept text with another label."""
        labelled = [row for row in rows if row.label is not None]
        texts = [f"{row.tokens}\0" for row in labelled]
        known = self._pairs.contains(texts, growing=True)
        same = self._pairs.contains([*map(_pair, labelled)], growing=True)
        return int((known & ~same).sum())


def _pair(row: Any) -> str:
    return f"{row.tokens}\0{class_name(row.label)}"


class _ConflictCount:
    """Count of dropped records with another label, for one warning."""

    def __init__(self) -> None:
        self._records = 0

    def add(self, result: Result) -> None:
        """Add the records of a result."""
        self._records += result.counts[_ANOTHER_LABEL]

    def warn(self) -> None:
        """Log one warning if the count is not 0."""
        if self._records:
            log.warning(
                "%s another label than the kept one with equal tokens; compare them, "
                "and correct the labels, before you clean",
                f"{self._records:,} dropped record"
                f"{'s have' if self._records > 1 else ' has'}",
            )
