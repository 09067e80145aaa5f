"""Validation and relabelling of records, between reader and writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from itertools import batched
from operator import itemgetter
from typing import Any, BinaryIO

from alcli.core.fields import EMPTY_LABEL, class_name
from alcli.core.inputs import STDIO, open_input
from alcli.core.jsonl import Record
from alcli.data.formats.common.batch import BATCH_SIZE, FileBatch, Rejected
from alcli.data.formats.common.relabel import Relabel
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.stats import ConversionStats

# raised by a reader for JSON of an unexpected shape
SHAPE_ERRORS = (AttributeError, KeyError, TypeError)

_TYPES: dict[str, tuple[type, ...]] = {
    "id": (str, int),
    "text": (str,),
    "annotator": (str,),
    "label": (str, type(None)),  # numbers and booleans become text
}


def multi_label_error(labels: Iterable[Any]) -> str:
    """Return the error message for a record with several labels."""
    names = ", ".join(map(str, labels))
    return f"several labels ({names}): a record has one class"


def read_files(
    paths: Sequence[str],
    read: Callable[[Source], Iterator[FileBatch[Record]]],
    stats: ConversionStats,
    *,
    skip_invalid: bool = False,
    rejects: BinaryIO | None = None,
    **checks: Any,
) -> Iterator[Sequence[Record]]:
    """Yield lists of valid records from files; without paths, from stdin.

    read: reader of a format. skip_invalid: skip invalid records, and write them to
    `rejects`. checks: keyword arguments of `validate`.

    Raises:
        InputError: a file cannot be read, or has an invalid record.
    """
    for path in paths or [STDIO]:
        with open_input(path) as file:
            source = Source(
                file, path, stats, skip_invalid=skip_invalid, rejects=rejects
            )
            yield from validate(read(source), source, **checks)


def read_memory(
    records: Iterable[Record], stats: ConversionStats, **checks: Any
) -> Iterator[Sequence[Record]]:
    """Yield lists of copies of valid records in memory, for notebooks.

    checks: keyword arguments of `validate`.

    Raises:
        InputError: a record is invalid.
    """

    def copies() -> Iterator[FileBatch[Record]]:
        numbered = enumerate(map(dict, records), 1)
        for batch in batched(numbered, BATCH_SIZE):
            locations = [(number, b"") for number, _ in batch]
            yield FileBatch(
                [record for _, record in batch], locations.__getitem__, stats
            )

    yield from validate(copies(), Source(BytesIO(), "<records>", stats), **checks)


def validate(
    batches: Iterable[FileBatch[Record]],
    source: Source,
    *,
    relabel: Relabel | None = None,
    needs: frozenset[str] = frozenset(),
    check: Callable[[Record], str] | None = None,
) -> Iterator[Sequence[Record]]:
    """Yield lists of valid records: required fields present, known fields well typed.

    relabel: function that sets the labels, or None. needs: required fields. check:
    function that returns an error message, or "".

    Raises:
        InputError: a record is invalid, unless the source skips invalid records.
    """

    def checked(record: Record) -> Record:
        if isinstance(label := record.get("label"), int):
            record = record | {"label": class_name(label)}
        if problem := _problem(record, needs) or (check(record) if check else ""):
            raise Rejected(problem)
        return record

    for batch in batches:
        if relabel:
            batch = batch.map(relabel)
        if not _typed(batch.items, needs) or (check and any(map(check, batch.items))):
            batch = batch.map(checked)
        source.handle_rejected(batch)
        source.stats.count_written(len(batch.items))
        if batch.items:
            yield batch.items


def _typed(records: Sequence[Record], needs: frozenset[str]) -> bool:
    """Return True if no record needs a closer look, by a check of whole columns."""
    for name, types in _TYPES.items():
        try:
            found = set(map(type, map(itemgetter(name), records)))
        except KeyError:
            if name in needs:
                return False
            found = {type(record[name]) for record in records if name in record}
        if not found.issubset(types):
            return False
    labels = {record.get("label") for record in records}
    if any(label is not None and not label.strip() for label in labels):
        return False
    return needs <= _TYPES.keys() or not any(needs - r.keys() for r in records)


def _problem(record: Record, needs: frozenset[str]) -> str:
    for name in sorted(needs):
        if name not in record:
            return f'no "{name}" field, which the other tool requires'
    label = record.get("label")
    if type(label) is list and len(label) > 1:
        return multi_label_error(label)
    if isinstance(label, str) and not label.strip():
        return f'"label" is {EMPTY_LABEL}'
    for name, types in _TYPES.items():
        if name in record and type(record[name]) not in types:
            kinds = " | ".join(map(_kind, types))
            return f'"{name}": Expected {kinds}, got {_kind(type(record[name]))}'
    return ""


def _kind(kind: type) -> str:
    names = {dict: "object", list: "array", type(None): "null"}
    return names.get(kind, kind.__name__)
