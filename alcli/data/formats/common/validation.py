"""Validation of records, between reader and writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from alcli.core.decode_errors import explain
from alcli.core.fields import EMPTY_LABEL, class_name
from alcli.core.jsonl import Record
from alcli.data.formats.common.batch import FileBatch, Rejected, multi_label_error
from alcli.data.formats.common.format import Check

_TYPES: dict[str, Any] = {
    "id": str | int,
    "text": str,
    "annotator": str,
    "label": str | None,  # numbers and booleans become text
}


def validate(
    batches: Iterable[FileBatch[Record]],
    needs: frozenset[str],
    check: Check | None = None,
    relabel: Callable[[Record], Record] | None = None,
) -> Iterator[FileBatch[Record]]:
    """Yield batches of valid records: required fields present, known fields well typed.

    needs: required fields. check: function that returns an error message, or "".
    relabel: function that sets the labels.
    """
    known: Any = _struct(needs)

    def valid(record: Record) -> Record:
        if missing := sorted(needs - record.keys()):
            raise Rejected(f'no "{missing[0]}" field, which the other tool requires')
        label = record.get("label")
        if isinstance(label, int):
            record = record | {"label": class_name(label)}
        elif isinstance(label, list) and len(label) > 1:
            raise Rejected(multi_label_error(label))
        try:
            found = msgspec.convert(record, known)
        except msgspec.ValidationError as error:
            raise Rejected(explain(error)) from error
        if _is_blank(found.label):
            raise Rejected(f'"label" is {EMPTY_LABEL}')
        if problem := check(record) if check else "":
            raise Rejected(problem)
        return record

    def all_valid(records: Any) -> bool:
        try:
            found = msgspec.convert(records, list[known])
        except msgspec.ValidationError:
            return False
        labels = {row.label for row in found}
        return not (any(map(_is_blank, labels)) or (check and any(map(check, records))))

    for batch in batches:
        if relabel:
            batch = batch.map(relabel)
        yield batch if all_valid(batch.items) else batch.map(valid)


def _struct(needs: frozenset[str]) -> type[Any]:
    """Return the type of a record with these fields."""
    optional = [
        (name, kind | UnsetType, UNSET)
        for name, kind in _TYPES.items()
        if name not in needs
    ]
    required = [(name, _TYPES.get(name, Any)) for name in needs]
    return msgspec.defstruct("Known", [*required, *optional], gc=False)


def _is_blank(label: object) -> bool:
    return isinstance(label, str) and not label.strip()
