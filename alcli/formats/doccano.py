"""doccano's JSONL and JSON, exports and imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alcli.core.jsonl import Record
from alcli.exchange.conversion import several
from alcli.exchange.source import Source
from alcli.exchange.target import Target
from alcli.formats import Format

RESERVED = {"filename", "upload_name", "example_uuid"}  # an import overwrites them


def read(source: Source, *, annotator: str = "") -> Iterator[Record]:
    """Yield a record per example.

    annotator: whose labels they are; `{}` is the name of the file, which is all that
    tells it where an export has a file per user.
    """
    name = annotator.replace("{}", source.stem)
    for row in source.objects():
        label = row.get("label")
        if type(label) is list:
            if len(label) == 1:
                row["label"] = label[0]
            elif label:
                source.refuse(several(label))
                continue
            else:
                del row["label"]
        if type(row.get("label")) is list:  # [[0, 5, "PERSON"]]
            source.refuse('"label": a span of the text is no class of it')
            continue
        if name:
            row["annotator"] = name
        yield row


def write(records: Iterable[Record], target: Target, *, array: bool = False) -> None:
    """Write an example per record: JSONL, or with `array` JSON."""
    examples = (_example(record, target) for record in records)
    (target.json_array if array else target.json_lines)(examples)


def _example(record: Record, target: Target) -> Record:
    label = record.get("label")
    if label is None and "label" in record:
        target.lose_vote()
    record["label"] = [] if label is None else [label]
    for name in record.keys() & RESERVED:
        del record[name]
        target.lose(name)
    return record


doccano = Format(read, write)
