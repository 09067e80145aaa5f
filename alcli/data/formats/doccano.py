"""doccano's JSONL and JSON, exports and imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common.batch import Batch, NoRecord
from alcli.data.formats.common.conversion import several
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.target import Target

RESERVED = {"filename", "upload_name", "example_uuid"}  # an import overwrites them


def read(source: Source, *, annotator: str = "") -> Iterator[Batch[Record]]:
    """Yield a record per example.

    annotator: whose labels they are; `{}` is the name of the file, which is all that
    tells it where an export has a file per user.
    """
    name = annotator.replace("{}", source.stem)

    def record(row: Record) -> Record:
        label = row.get("label")
        if type(label) is list:
            if len(label) > 1:
                raise NoRecord(several(label))
            if not label:
                del row["label"]
            elif type(label[0]) is list:  # [[0, 5, "PERSON"]]
                raise NoRecord('"label": a span of the text is no class of it')
            else:
                row["label"] = label[0]
        if name:
            row["annotator"] = name
        return row

    for batch in source.objects():
        yield batch.each(record)


def write(
    batches: Iterable[Sequence[Record]], target: Target, *, array: bool = False
) -> None:
    """Write an example per record: JSONL, or with `array` JSON."""

    def example(record: Record) -> Record:
        label = record.get("label")
        if label is None and "label" in record:
            target.lose_vote()
        record["label"] = [] if label is None else [label]
        if not RESERVED.isdisjoint(record):
            for name in record.keys() & RESERVED:
                del record[name]
                target.lose(name)
        return record

    if array:
        target.json_array(map(example, chain.from_iterable(batches)))
        return
    for records in batches:
        target.json_lines(list(map(example, records)))


doccano = Format(read, write)
