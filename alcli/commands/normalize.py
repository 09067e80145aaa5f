"""Add normalised `tokens` to every record, and an `id` where there is none.

Memory: streams.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from alcli.cli import options
from alcli.core.errors import UsageError

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.core.step import Block, Result, Work


@dataclass(frozen=True)
class Normalize:
    """The step: text -> tokens joined by one space (U+0020)."""

    language: str = "fa"
    join: tuple[str, ...] = ("text",)
    drop: frozenset[str] = frozenset()
    informal: bool = False
    lemmatize: bool = False

    def start(self) -> Work:
        """Load the language."""
        import msgspec

        from alcli.core import jsonl
        from alcli.core.ids import fingerprint
        from alcli.core.step import Result
        from alcli.text.languages import normaliser

        tokens_of = normaliser(
            self.language,
            informal=self.informal,
            lemmatize=self.lemmatize,
            drop=self.drop,
        )
        extra = [name for name in self.join if name != "text"]
        row = msgspec.defstruct(
            "Row",
            [
                ("text", str),
                ("id", *jsonl.optional(str | int)),
                ("tokens", *jsonl.optional(msgspec.Raw)),
                *((f"x{i}", str | None, None) for i in range(len(extra))),
            ],
            rename={f"x{i}": name for i, name in enumerate(extra)} or None,
            gc=False,
        )
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        attributes = [
            "text" if name == "text" else f"x{extra.index(name)}" for name in self.join
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
                    addition = (
                        jsonl.members({"id": fingerprint(row.text)}) + b"," + addition
                    )
                if row.tokens is not msgspec.UNSET:
                    line = jsonl.drop_members(line, "tokens")
                lines.append(jsonl.splice(line, addition))
            return Result(lines, {"read": len(rows)})

        return work


def normalize(
    records: Iterable[Record],
    *,
    language: str = "fa",
    join: Iterable[str] = ("text",),
    drop: Iterable[str] = (),
    informal: bool = False,
    lemmatize: bool = False,
) -> Iterator[Record]:
    """Yield every record with `tokens`, and an `id` (a hash of `text`) if it had none.

    language: `fa` (hazm) or `any` (Unicode). join: fields that make the text, in this
    order. drop: `numbers`, `punctuation`.

    >>> [r["tokens"] for r in normalize([{"text": "Good :)"}], language="any")]
    ['good :)']

    Raises:
        InputError: a record has no `text`, or it is not a string.
    """
    from alcli.core.run import run_records

    step = Normalize(language, tuple(join), frozenset(drop), informal, lemmatize)
    return run_records(step, records)


@options.command("normalize")
@options.inputs
@options.output
@click.option(
    "--language",
    default="fa",
    show_default=True,
    metavar="NAME",
    help="fa (Persian, by hazm) or any (Unicode).",
)
@click.option(
    "--join",
    default="text",
    metavar="FIELDS",
    help="Take the tokens from several fields, such as title,text.",
)
@click.option(
    "--drop", default="", metavar="KINDS", help="numbers, punctuation, or both."
)
@click.option("--informal", is_flag=True, help="Write colloquial forms formally.")
@click.option("--lemmatize", is_flag=True, help="Keep the lemma of each token.")
@options.jobs
@options.invalid
def command(
    files: tuple[str, ...],
    output: str,
    language: str,
    join: str,
    drop: str,
    informal: bool,
    lemmatize: bool,
    **running: Any,
) -> None:
    """Add normalised `tokens`, and an `id` (a hash of `text`) where there is none.

    `text` stays as it is. Memory: streams.
    """
    from alcli.core.run import run_files

    kinds = frozenset(kind for kind in drop.split(",") if kind)
    fields = tuple(join.split(","))
    if {"id", "tokens", ""} & set(fields) or len(set(fields)) < len(fields):
        raise UsageError(f"--join {join}: expected fields with text: title,text")
    step = Normalize(language, fields, kinds, informal, lemmatize)
    run_files(step, files, output, report=options.report(), **running)
