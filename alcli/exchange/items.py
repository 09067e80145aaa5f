"""Votes on one item that stand together in a stream: one task of several answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from alcli.core.jsonl import Record

MOST = 1000  # votes in a group: memory stays flat whatever stands there


def items(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield lists of consecutive votes with the same `id` and text.

    Only votes are put together: records with `annotator` and `id`.

    >>> votes = [{"id": 1, "annotator": "a"}, {"id": 1, "annotator": "b"}, {"id": 2}]
    >>> [len(item) for item in items(votes)]
    [2, 1]
    """
    alone = iter(range(0, -(1 << 62), -1))  # a key of its own for what is no vote

    def key(record: Record) -> object:
        if "annotator" not in record or "id" not in record:
            return next(alone)
        return (str(record["id"]), record.get("text"))

    for _, group in groupby(records, key):
        while votes := list(islice(group, MOST)):
            yield votes
