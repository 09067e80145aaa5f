"""Votes on one item that stand together in a stream: one task of several answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice

from alcli.core.jsonl import Record
from alcli.data.formats.common.target import Target

OF_A_VOTE = ("label", "annotator", "time", "seconds", "reason")
MOST = 1000  # votes in a group: memory stays flat whatever stands there


def items(
    batches: Iterable[Sequence[Record]], target: Target
) -> Iterator[list[Record]]:
    """Yield lists of consecutive votes with the same `id` and text.

    Only votes are put together: records with `annotator` and `id`. The first stands for
    all; a field of another that is not `OF_A_VOTE` and differs from its own is lost.
    """
    alone = iter(range(0, -(1 << 62), -1))  # a key of its own for what is no vote

    def key(record: Record) -> object:
        if "annotator" not in record or "id" not in record:
            return next(alone)
        return (str(record["id"]), record.get("text"))

    for _, group in groupby(chain.from_iterable(batches), key):
        while votes := list(islice(group, MOST)):
            for vote in votes[1:]:
                for name in (vote.keys() | votes[0].keys()) - {*OF_A_VOTE}:
                    if vote.get(name) != votes[0].get(name):
                        target.lose(name)
            yield votes
