"""Step from texts to normalised tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from alcli.core.fields import Member, raw, record_decoder, unset
from alcli.core.ids import fingerprint
from alcli.core.jsonl import Record
from alcli.core.members import drop_members, members, splice
from alcli.core.run import run_files, run_records
from alcli.core.run_options import RunOptions
from alcli.core.step import Block, Result, Work
from alcli.text.languages import normaliser
from alcli.text.settings import NormalisationSettings


def normalize(
    records: Iterable[Record],
    *,
    language: str = "fa",
    join: Sequence[str] = ("text",),
    drop: Collection[str] = (),
    informal: bool = False,
    lemmatize: bool = False,
) -> Iterator[Record]:
    """Yield every record with `tokens`, and an `id` if it lacks one.

    The id is a hash of the text, which is that of the fields in `join`.

    language: "fa" (Persian, by hazm) or "any" (Unicode).
    join: names of the fields that are the text, in order.
    drop: kinds of tokens to drop: "numbers", "punctuation", or both.
    informal: whether colloquial forms become formal ones.
    lemmatize: whether words become their lemmas.

    >>> [r["tokens"] for r in normalize([{"text": "Good :)"}], language="any")]
    ['good :)']

    Raises:
        InputError: a record lacks `text`, or it is not a string.
        UsageError: an unknown language or kind of token, or fields that no text has.
    """
    settings = NormalisationSettings(
        language=language,
        join=tuple(join),
        drop=frozenset(drop),
        informal=informal,
        lemmatize=lemmatize,
    )
    return run_records(Normalize(settings), records)


def normalize_files(
    files: tuple[str, ...],
    output: str,
    settings: NormalisationSettings,
    run: RunOptions,
) -> None:
    """Normalise the records of files; errors as in `run_files`."""
    run_files(Normalize(settings), files, output, run)


@dataclass(frozen=True)
class Normalize:
    """Step that adds `tokens`, joined by one space (U+0020)."""

    settings: NormalisationSettings

    def start(self) -> Work:
        """Load the language."""
        settings = self.settings
        tokens_of = normaliser(
            settings.language,
            informal=settings.informal,
            lemmatize=settings.lemmatize,
            drop=settings.drop,
        )
        extra = [name for name in settings.join if name != "text"]
        decoder = record_decoder(
            "text",
            unset("id"),
            raw("tokens"),
            *(
                Member(f"x{i}", str | None, None, field=name)
                for i, name in enumerate(extra)
            ),
        )
        attributes = [
            "text" if name == "text" else f"x{extra.index(name)}"
            for name in settings.join
        ]
        encode = msgspec.json.encode

        def work(block: Block) -> Result:
            rows = block.decode(decoder)
            lines = []
            for row, line in zip(rows, block.lines, strict=True):
                text = row.text
                if extra:
                    parts = [getattr(row, name) for name in attributes]
                    text = "\n".join(part for part in parts if part)
                addition = b'"tokens":' + encode(" ".join(tokens_of(text)))
                if row.id is msgspec.UNSET:
                    addition = members({"id": fingerprint(text)}) + b"," + addition
                if row.tokens is not msgspec.UNSET:
                    line = drop_members(line, "tokens")
                lines.append(splice(line, addition))
            return Result(lines, {"read": len(rows)})

        return work
