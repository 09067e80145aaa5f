"""What stands between reading and writing: records are made sure of, and relabelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from itertools import batched
from operator import itemgetter
from typing import Any, BinaryIO

from alcli.core.fields import EMPTY_LABEL, class_name
from alcli.core.inputs import STDIO, open_input
from alcli.core.jsonl import Record
from alcli.data.formats.common.batch import BATCH, Batch, NoRecord
from alcli.data.formats.common.relabel import Relabel
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.tally import Tally

# what a reader meets where JSON has another shape than the tool gives it
MISSHAPEN = (AttributeError, KeyError, TypeError)

_TYPES: dict[str, tuple[type, ...]] = {
    "id": (str, int),
    "text": (str,),
    "annotator": (str,),
    "label": (str, type(None)),  # others of `Label` become text
}


def several(labels: Iterable[Any]) -> str:
    """Return what is wrong with a record of several labels."""
    names = ", ".join(map(str, labels))
    return f"several labels ({names}): a record has one class"


def read_files(
    paths: Sequence[str],
    read: Callable[[Source], Iterator[Batch[Record]]],
    tally: Tally,
    *,
    skip_invalid: bool = False,
    rejects: BinaryIO | None = None,
    **checks: Any,
) -> Iterator[Sequence[Record]]:
    """Yield lists of valid records of files, each read by itself; nothing is stdin.

    checks: what `valid` takes.

    Raises:
        InputError: a file cannot be read, or has what is no record.
    """
    for path in paths or [STDIO]:
        with open_input(path) as file:
            source = Source(
                file, path, tally, skip_invalid=skip_invalid, rejects=rejects
            )
            yield from valid(read(source), source, **checks)


def read_memory(
    records: Iterable[Record], tally: Tally, **checks: Any
) -> Iterator[Sequence[Record]]:
    """Yield lists of valid copies of records that are in memory (notebooks)."""

    def copies() -> Iterator[Batch[Record]]:
        numbered = enumerate(map(dict, records), 1)
        for batch in batched(numbered, BATCH):
            places = [(number, b"") for number, _ in batch]
            yield Batch([record for _, record in batch], places.__getitem__, tally)

    yield from valid(copies(), Source(BytesIO(), "<records>", tally), **checks)


def valid(
    batches: Iterable[Batch[Record]],
    source: Source,
    *,
    relabel: Relabel | None = None,
    needs: frozenset[str] = frozenset(),
    check: Callable[[Record], str] | None = None,
) -> Iterator[Sequence[Record]]:
    """Yield the records whose known fields have their types; refuse the others.

    needs: fields that a record must have. check: says what else is wrong, or "".
    """

    def sound(record: Record) -> Record:
        if isinstance(label := record.get("label"), int):
            record = record | {"label": class_name(label)}
        if problem := _problem(record, needs) or (check(record) if check else ""):
            raise NoRecord(problem)
        return record

    for batch in batches:
        if relabel:
            batch = batch.each(relabel)
        if not _typed(batch.items, needs) or (check and any(map(check, batch.items))):
            batch = batch.each(sound)
        source.settle(batch)
        source.tally.written(len(batch.items))
        if batch.items:
            yield batch.items


def _typed(records: Sequence[Record], needs: frozenset[str]) -> bool:
    """Say whether all have what they need, and the types of known fields are right."""
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
            return f'no "{name}" field, which the other tool needs'
    label = record.get("label")
    if type(label) is list and len(label) > 1:
        return several(label)
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
