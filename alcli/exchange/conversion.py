"""What stands between reading and writing: records are made sure of, and relabelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any, BinaryIO

from alcli.core.inputs import STDIO, open_input
from alcli.core.jsonl import Record
from alcli.exchange.relabel import Relabel
from alcli.exchange.source import Source
from alcli.exchange.tally import Tally

_ID = frozenset({str, int})


class NoRecord(Exception):
    """Why something in another tool's file is no record."""


# what a reader meets where JSON has another shape than the tool gives it
MISSHAPEN = (AttributeError, KeyError, TypeError)


def several(labels: Iterable[Any]) -> str:
    """Return what is wrong with a record of several labels."""
    names = ", ".join(map(str, labels))
    return f"several labels ({names}): a record has one class"


def read_files(
    paths: Sequence[str],
    read: Callable[[Source], Iterator[Record]],
    tally: Tally,
    *,
    skip_invalid: bool = False,
    rejects: BinaryIO | None = None,
    **checks: Any,
) -> Iterator[Record]:
    """Yield the valid records of files, each read by itself; nothing is stdin.

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
) -> Iterator[Record]:
    """Yield valid copies of records that are in memory already (notebooks)."""
    number = 0
    source = Source(BytesIO(), "<records>", tally)
    source.at(lambda: (number, b""))

    def copies() -> Iterator[Record]:
        nonlocal number
        for record in records:
            number += 1
            yield dict(record)

    yield from valid(copies(), source, **checks)


def valid(
    records: Iterable[Record],
    source: Source,
    *,
    relabel: Relabel | None = None,
    needs: frozenset[str] = frozenset(),
    check: Callable[[Record], str] | None = None,
) -> Iterator[Record]:
    """Yield the records whose known fields have their types; refuse the others.

    needs: fields that a record must have. check: says what else is wrong, or "".
    """
    text = None if "text" in needs else ""
    id, annotator = ("" if name not in needs else None for name in ("id", "annotator"))
    n = 0
    for record in records:
        if relabel and not relabel(record, source):
            continue
        get = record.get
        label = get("label")
        if (
            type(get("text", text)) is str
            and type(get("id", id)) in _ID
            and (type(label) is str or label is None)
            and type(get("annotator", annotator)) is str
        ):
            if check and (problem := check(record)):
                source.refuse(problem)
                continue
            yield record
            n += 1
            if n == 1000:
                source.tally.written(n)
                n = 0
        else:
            source.refuse(_problem(record, needs))
    source.tally.written(n)


def _problem(record: Record, needs: frozenset[str]) -> str:
    for name in sorted(needs):
        if name not in record:
            return f'no "{name}" field, which the other tool needs'
    label = record.get("label")
    if type(label) is list and len(label) > 1:
        return several(label)
    expected = {"id": (str, int), "text": (str,), "annotator": (str,)}
    for name, types in {**expected, "label": (str, type(None))}.items():
        if name in record and type(record[name]) not in types:
            kinds = " | ".join(_kind(kind) for kind in types)
            return f'"{name}": Expected {kinds}, got {_kind(type(record[name]))}'
    raise AssertionError(record)


def _kind(kind: type) -> str:
    names = {dict: "object", list: "array", type(None): "null"}
    return names.get(kind, kind.__name__)
