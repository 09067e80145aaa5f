"""Tasks of other tools: consecutive votes on one record, and its prediction."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, groupby, islice

from alcli.core.jsonl import Record
from alcli.data.formats.common.target import RecordLists, Target

PER_VOTE_FIELDS = ("label", "annotator", "time", "seconds", "reason")
MAX_VOTES = 1000  # per group, to bound memory


def group_votes(batches: RecordLists, target: Target) -> Iterator[list[Record]]:
    """Yield lists of consecutive votes with the same `id` and `text`.

    A vote is a record with `annotator` and `id`; another record is a list of one. The
    task has the fields of the first vote, so a different value in a later vote, except
    of `PER_VOTE_FIELDS`, is counted as lost.
    """
    # a different key for each record that is not a vote
    alone = iter(range(0, -(1 << 62), -1))

    def key(record: Record) -> object:
        if "annotator" not in record or "id" not in record:
            return next(alone)
        return (str(record["id"]), record.get("text"))

    for _, group in groupby(chain.from_iterable(batches), key):
        while votes := list(islice(group, MAX_VOTES)):
            for vote in votes[1:]:
                for name in (vote.keys() | votes[0].keys()) - {*PER_VOTE_FIELDS}:
                    if vote.get(name) != votes[0].get(name):
                        target.count_lost(name)
            yield votes


def pred_score(record: Record) -> float | None:
    """Return the probability of `pred`, or None without `probs`."""
    probs = record.get("probs")
    return probs.get(record["pred"]) if isinstance(probs, dict) else None
