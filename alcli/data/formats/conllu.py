"""CoNLL-U sentences; the field `conllu` keeps the block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, takewhile

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common.batch import Dropped, FileBatch, Rejected
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.target import Target
from alcli.data.formats.common.texts import one_line

KEYS = {"sent_id": "id", "text": "text", "label": "label", "annotator": "annotator"}
COLUMNS = 10


def read(source: Source, *, encoding: str = "utf-8") -> Iterator[FileBatch[Record]]:
    """Yield a record per sentence; `tokens` are its words, separated by spaces."""
    for lines in source.lines(encoding):
        blocks = [
            [line, *takewhile(str.strip, lines.after(start))] if line.strip() else []
            for start, line in lines
        ]
        yield lines.batch(blocks).map(_sentence)


def _sentence(block: list[str]) -> Record:
    if not block:
        raise Dropped
    block = [line.removesuffix("\r") for line in block]
    found: Record = {}
    forms: list[str] = []
    text, covered = "", 0
    for index, line in enumerate(block):
        if line.startswith("#"):
            key, equals, value = line[1:].lstrip(" ").partition(" =")
            if equals and key in KEYS:
                found[KEYS[key]] = value.removeprefix(" ")
            continue
        cells = line.split("\t")
        if len(cells) != COLUMNS:
            problem = f"{len(cells)} columns, but CoNLL-U has {COLUMNS}"
            raise Rejected(problem, within=index)
        number, _, last = cells[0].partition("-")
        if last.isdigit():
            covered = int(last)  # a multiword token replaces its words
        elif not number.isdigit() or int(number) <= covered:
            continue
        forms.append(cells[1])
        text += cells[1] + ("" if "SpaceAfter=No" in cells[9].split("|") else " ")
    found.setdefault("text", text.rstrip(" "))
    found["tokens"] = " ".join(form.replace(" ", "_") for form in forms)
    found["conllu"] = "\n".join(block)
    return found


def write(batches: Iterable[Sequence[Record]], target: Target) -> None:
    """Write a sentence per record: its `conllu`, or else a block of bare words."""
    for record in chain.from_iterable(batches):
        lines = [
            f"# {key} = {one_line(str(record[field]))}"
            for key, field in KEYS.items()
            if record.get(field) is not None
        ]
        block = record.get("conllu")
        if isinstance(block, str):
            lines += [line for line in block.split("\n") if not _is_known(line)]
        else:
            tokens = record.get("tokens")
            words = tokens.split(" ") if isinstance(tokens, str) else None
            lines += _bare(words or record["text"].split() or ["_"])
        target.write(("\n".join(lines) + "\n\n").encode())


def _is_known(line: str) -> bool:
    key, equals, _ = line[1:].lstrip(" ").partition(" =")
    return line.startswith("#") and bool(equals) and key in KEYS


def _bare(words: list[str]) -> list[str]:
    rest = "\t_" * (COLUMNS - 2)
    return [f"{n}\t{word or '_'}{rest}" for n, word in enumerate(words, 1)]


conllu = Format(
    read, write, keeps=frozenset({*KEYS.values(), "tokens", "conllu"}), folds=True
)
