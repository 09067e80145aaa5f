"""CoNLL-U sentences; the field `conllu` keeps the block."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common.batch import Dropped, Rejected
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.target import RecordLists, Target
from alcli.data.formats.common.text import one_line

KEYS = {"sent_id": "id", "text": "text", "label": "label", "annotator": "annotator"}
COLUMNS = 10


def read(source: Source, *, encoding: str = "utf-8") -> RecordBatches:
    """Yield a record per sentence; `tokens` are its words, separated by spaces."""
    for blocks in source.lines(encoding, _blocks):
        yield blocks.map(_sentence)


def _blocks(lines: list[str], rest: Iterator[str]) -> list[str]:
    """Join the lines of each sentence, with the blank line after it."""
    left = iter(lines)
    following = chain(left, rest)
    return ["\n".join(_until_blank(line, following)) for line in left]


def _until_blank(line: str, following: Iterator[str]) -> Iterator[str]:
    yield line
    if line.strip():
        for line in following:
            yield line
            if not line.strip():
                return


def _sentence(text: str) -> Record:
    if not text.strip():
        raise Dropped
    block = [line.removesuffix("\r") for line in text.split("\n")]
    if not block[-1].strip():
        block.pop()
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


def write(batches: RecordLists, target: Target) -> None:
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
