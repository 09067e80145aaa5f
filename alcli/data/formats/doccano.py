"""doccano's JSONL and JSON, as exported and imported."""

from __future__ import annotations

from itertools import chain

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common.batch import Rejected, multi_label_error
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.target import RecordLists, Target

RESERVED = {"filename", "upload_name", "example_uuid"}  # an import overwrites them


def read(source: Source, *, annotator: str = "") -> RecordBatches:
    """Yield a record per example.

    annotator: name of the annotator; {} is replaced by the name of the file, the only
    place of the user's name in an export with a file per user.
    """
    name = annotator.replace("{}", source.stem)

    def record(row: Record) -> Record:
        label = row.get("label")
        if type(label) is list:
            if len(label) > 1:
                raise Rejected(multi_label_error(label))
            if not label:
                del row["label"]
            elif type(label[0]) is list:  # [[0, 5, "PERSON"]]
                raise Rejected('"label": expected a class, got a span of the text')
            else:
                row["label"] = label[0]
        if name:
            row["annotator"] = name
        return row

    for batch in source.objects():
        yield batch.map(record)


def write(batches: RecordLists, target: Target, *, array: bool = False) -> None:
    """Write an example per record.

    array: whether to write a JSON array instead of JSONL.
    """

    def example(record: Record) -> Record:
        label = record.get("label")
        if label is None and "label" in record:
            target.count_lost_vote()
        record["label"] = [] if label is None else [label]
        if not RESERVED.isdisjoint(record):
            for name in record.keys() & RESERVED:
                del record[name]
                target.count_lost(name)
        return record

    if array:
        target.json_array(map(example, chain.from_iterable(batches)))
        return
    for records in batches:
        target.json_lines(list(map(example, records)))


doccano = Format(read, write)
