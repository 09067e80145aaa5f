"""fastText's training lines: `__label__X text`; ids and other fields are lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from alcli.core.jsonl import Record
from alcli.exchange.batch import Batch, LeftOut, NoRecord
from alcli.exchange.conversion import several
from alcli.exchange.source import Source
from alcli.exchange.target import Target
from alcli.exchange.texts import one_line
from alcli.formats import Format

_SPACE = re.compile(r"[ \t\v\f\r\n\0]")  # where fastText ends a word


def read(
    source: Source,
    *,
    prefix: str = "__label__",
    space: str = "",
    encoding: str = "utf-8",
) -> Iterator[Batch[Record]]:
    """Yield a record per line; one without a label in front has no `label`.

    prefix: what a label begins with. space: what stands for a space in a label.
    """

    def record(line: str) -> Record:
        labels = []
        rest = line.removesuffix("\r")
        while rest.startswith(prefix):
            label, _, rest = rest.partition(" ")
            labels.append(label.removeprefix(prefix))
        if len(labels) > 1:
            raise NoRecord(several(labels))
        if labels:
            label = labels[0].replace(space, " ") if space else labels[0]
            return {"text": rest, "label": label}
        if rest.isspace():
            raise LeftOut
        return {"text": rest}

    for lines in source.lines(encoding):
        yield lines.each(record)


def check(record: Record, *, prefix: str = "__label__", space: str = "") -> str:
    """Return why a record cannot be a line of fastText."""
    text, label = record["text"], record.get("label")
    if label is None:
        if not text or text.isspace():
            return "no label and no text: a blank line, which is not read back"
    elif not space:
        if _SPACE.search(label):
            return f'label "{label}" has a space, which ends it; say --set space=_'
    elif space in label:
        return f'label "{label}" has {space}, which would be read as a space'
    if prefix in text and _labels_in(text, prefix):
        return f"a word of the text begins with {prefix}, as a label does"
    return ""


def _labels_in(text: str, prefix: str) -> bool:
    return any(word.startswith(prefix) for word in _SPACE.split(text))


def write(
    batches: Iterable[Sequence[Record]],
    target: Target,
    *,
    prefix: str = "__label__",
    space: str = "",
) -> None:
    """Write a line per record; line breaks in a text become spaces."""

    def line(record: Record) -> str:
        text, label = one_line(record["text"]), record.get("label")
        if label is None:
            return f"{text}\n"
        name = _SPACE.sub(space, label) if space else label
        return f"{prefix}{name} {text}\n"

    for records in batches:
        target.write("".join(map(line, records)).encode())


fasttext = Format(
    read, write, check=check, keeps=frozenset({"text", "label"}), folds=True
)
