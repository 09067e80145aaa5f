"""fastText's training lines: `__label__X text`; ids and other fields are lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import batched

from alcli.core.jsonl import Record
from alcli.exchange.conversion import several
from alcli.exchange.source import Source
from alcli.exchange.target import BATCH, Target
from alcli.exchange.texts import one_line
from alcli.formats import Format

_SPACE = re.compile(r"[ \t\v\f\r\n\0]")  # where fastText ends a word


def read(
    source: Source,
    *,
    prefix: str = "__label__",
    space: str = "",
    encoding: str = "utf-8",
) -> Iterator[Record]:
    """Yield a record per line; one without a label in front has no `label`.

    prefix: what a label begins with. space: what stands for a space in a label.
    """
    lines = source.lines(encoding)
    for line in lines:
        if not lines.sound():
            continue
        labels = []
        rest = line.removesuffix("\r")
        while rest.startswith(prefix):
            label, _, rest = rest.partition(" ")
            labels.append(label.removeprefix(prefix))
        if len(labels) > 1:
            source.refuse(several(labels))
        elif labels:
            label = labels[0].replace(space, " ") if space else labels[0]
            yield {"text": rest, "label": label}
        elif rest and not rest.isspace():
            yield {"text": rest}


def check(record: Record, *, prefix: str = "__label__", space: str = "") -> str:
    """Return why a record cannot be a line of fastText."""
    label = record.get("label")
    if label is not None and not space and _SPACE.search(label):
        return f'label "{label}" has a space, which ends it; say --set space=_'
    if label is not None and space and space in label:
        return f'label "{label}" has {space}, which would be read as a space'
    if label is None and (not record["text"] or record["text"].isspace()):
        return "no label and no text: a blank line, which is not read back"
    if prefix in record["text"] and _labels_in(record["text"], prefix):
        return f"a word of the text begins with {prefix}, as a label does"
    return ""


def _labels_in(text: str, prefix: str) -> bool:
    return any(word.startswith(prefix) for word in _SPACE.split(text))


def write(
    records: Iterable[Record],
    target: Target,
    *,
    prefix: str = "__label__",
    space: str = "",
) -> None:
    """Write a line per record; line breaks in a text become spaces."""
    for batch in batched(records, BATCH):
        lines = []
        for record in batch:
            text, label = one_line(record["text"]), record.get("label")
            if label is not None:
                name = _SPACE.sub(space, label) if space else label
                text = f"{prefix}{name} {text}"
            lines.append(text)
        target.write("".join([f"{line}\n" for line in lines]).encode())


fasttext = Format(
    read, write, check=check, keeps=frozenset({"text", "label"}), folds=True
)
