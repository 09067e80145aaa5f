"""fastText's lines: `__label__X text`; other fields are lost."""

from __future__ import annotations

import re
from functools import lru_cache

from alcli.core.jsonl import Record
from alcli.data.formats.common.batch import Dropped, Rejected, multi_label_error
from alcli.data.formats.common.format import Check, Format
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.target import RecordLists, Target
from alcli.data.formats.common.text import one_line

_SPACE = re.compile(r"[ \t\v\f\r\n\0]")  # fastText's word delimiters


def read(
    source: Source,
    *,
    prefix: str = "__label__",
    space: str = "",
    encoding: str = "utf-8",
) -> RecordBatches:
    """Yield a record per line; a line without a leading label has no `label`.

    prefix: prefix of labels. space: replacement of spaces in labels.
    """

    def record(line: str) -> Record:
        labels = []
        rest = line.removesuffix("\r")
        while rest.startswith(prefix):
            label, _, rest = rest.partition(" ")
            labels.append(label.removeprefix(prefix))
        if len(labels) > 1:
            raise Rejected(multi_label_error(labels))
        if labels:
            label = labels[0].replace(space, " ") if space else labels[0]
            return {"text": rest, "label": label}
        if rest.isspace():
            raise Dropped
        return {"text": rest}

    for lines in source.lines(encoding):
        yield lines.map(record)


def check(*, prefix: str = "__label__", space: str = "") -> Check:
    """Return a Check of records: fastText must read a line back as written."""

    @lru_cache
    def label_error(label: str) -> str:
        if not space and _SPACE.search(label):
            return f'label "{label}" has a space; replace spaces with --set space=_'
        if space and space in label:
            return f'label "{label}" has {space}, the replacement of spaces'
        return ""

    def record_error(record: Record) -> str:
        text, label = record["text"], record.get("label")
        if label is None:
            if not text or text.isspace():
                return "no label and no text: a blank line, which is skipped when read"
        elif problem := label_error(label):
            return problem
        if prefix in text and _labels_in(text, prefix):
            return f"a word of the text begins with the label prefix {prefix}"
        return ""

    return record_error


def _labels_in(text: str, prefix: str) -> bool:
    return any(word.startswith(prefix) for word in _SPACE.split(text))


def write(
    batches: RecordLists,
    target: Target,
    *,
    prefix: str = "__label__",
    space: str = "",
) -> None:
    """Write a line per record; line breaks in a text become spaces."""

    @lru_cache
    def front(label: str | None) -> str:
        if label is None:
            return ""
        return f"{prefix}{_SPACE.sub(space, label) if space else label} "

    for records in batches:
        lines = [
            f"{front(record.get('label'))}{one_line(record['text'])}\n"
            for record in records
        ]
        target.write("".join(lines).encode())


fasttext = Format(
    read, write, check=check, keeps=frozenset({"text", "label"}), folds=True
)
