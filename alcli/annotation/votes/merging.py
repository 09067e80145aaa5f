"""Give records the label that the votes on them agree in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from alcli.annotation.aggregators import Beliefs, ModelAware
from alcli.annotation.votes.caveats import (
    TIE,
    warn_of_contradictions,
    warn_of_similar_names,
)
from alcli.annotation.votes.gold_answers import GoldAnswers, ItemProbs
from alcli.annotation.votes.ledger import Ledger, integer_codes
from alcli.core.errors import InputError
from alcli.core.jsonl import drop_members, members, replace_members, splice
from alcli.core.step import Block, Result, identity

OF_A_VOTE = ("annotator", "time", "seconds", "reason", "suggested", "check")
OF_A_LABEL = ("label", "label_confidence", "votes")
EXCLUSION_REASONS = ("", "no answer", "too few votes", "tied", "not sure enough")


class _Record(msgspec.Struct, gc=False):
    id: str | int
    text: str | UnsetType = UNSET
    label: msgspec.Raw | UnsetType = UNSET
    label_confidence: msgspec.Raw | UnsetType = UNSET
    votes: msgspec.Raw | UnsetType = UNSET


class VotedRecords:
    """Keeps the lines of those records that were voted on."""

    def __init__(self, ledger: Ledger) -> None:
        self.ids = ledger.ids
        self.lines: list[bytes] = [b""] * len(ledger.ids)
        self._checks = ledger.gold_question_mask()
        self._texts = ledger.texts
        self._decoder = msgspec.json.Decoder(_Record)

    def add(self, block: Block) -> Result:
        """Look at the records of a block."""
        rows = block.decode(self._decoder)
        places = [p for p, row in enumerate(rows) if identity(row.id) in self.ids]
        rows = [rows[place] for place in places]
        items = integer_codes(self.ids, [identity(row.id) for row in rows])
        self._texts.check(block, places, items, [row.text for row in rows])
        for place, row, item in zip(places, rows, items.tolist(), strict=True):
            line = block.lines[place]
            if any(getattr(row, name) is not UNSET for name in OF_A_LABEL):
                line = drop_members(line, *OF_A_LABEL)
            self.lines[item] = line
        return Result([], {})

    def require_all(self, source: str) -> None:
        """Raise an InputError where a vote is on a record that there is not.

        Known questions need none.
        """
        for name, item in self.ids.items():
            if not self.lines[item] and not self._checks[item]:
                raise InputError(
                    f'a vote is on id "{name}", which --records lacks', source=source
                )


@dataclass(frozen=True)
class MergeOptions:
    """Options of merging votes into labels.

    min_votes, min_confidence: what a label must have, unless its answer is known.
    newest: whether the ids voted on last come first or last.
    """

    aggregate: Callable[..., Beliefs]
    params: dict[str, Any] = field(default_factory=dict)
    min_votes: int = 0
    min_confidence: float = 0.0
    newest: Literal["first", "last"] = "last"


class Merge:
    """The labels of a ledger: lines to write, disputed lines, and counts.

    Known questions, that nobody was asked as records, have a label, and no line.
    Without records, the last vote on each id is taken for the record; `source` is what
    to call these or those in messages. label: (items,) class numbers, -1 for none.
    """

    def __init__(
        self,
        options: MergeOptions,
        ledger: Ledger,
        records: VotedRecords | None = None,
        answers: GoldAnswers | None = None,
        *,
        source: str = "<records>",
    ) -> None:
        self.of_votes = records is None
        self.lines = records.lines if records else ledger.lines
        self._checks = ledger.gold_question_mask()
        if self._checks.any():
            both = zip(self.lines, self._checks.tolist(), strict=True)
            self.lines = [b"" if check else line for line, check in both]
        self._aggregate = options.aggregate
        probs = None
        if isinstance(options.aggregate, ModelAware):
            probs = ItemProbs(ledger.ids, self.lines, source)
        more = {*(answers.labels.values() if answers else ())}
        votes, self.names, newness = ledger.votes(
            more | (probs.classes if probs else more)
        )
        warn_of_similar_names(self.names)
        if answers:
            votes = replace(votes, gold=answers.gold(self.names, votes.items))
        if probs:
            votes = replace(votes, probs=probs.matrix(self.names))
        self.votes = votes
        beliefs, self.quality = options.aggregate(votes, **options.params)
        self.beliefs = votes.with_gold(beliefs)
        warn_of_contradictions(votes, self.beliefs, options.aggregate)
        self._judge(options)
        order = np.argsort(newness)
        self.order = (order[::-1] if options.newest == "first" else order).tolist()
        self.counts: Counter[str] = Counter()

    def _judge(self, options: MergeOptions) -> None:
        self.best = self.beliefs.max(axis=1, initial=0)
        number = self.votes.votes_per_item
        rivals = (self.beliefs >= self.best[:, None] - TIE).sum(axis=1)
        reasons = [
            number == 0,
            number < options.min_votes,
            rivals > 1,
            self.best.round(6) < round(options.min_confidence, 6),  # as it is shown
        ]
        if self.votes.gold is not None:
            known = self.votes.gold >= 0
            reasons[1:] = [reason & ~known for reason in reasons[1:]]
        self.exclusions = np.select(reasons, range(1, 5), 0)  # by LEFT_OUT
        best = self.beliefs.argmax(axis=1) if self.names else np.zeros_like(number)
        self.label = np.where(self.exclusions, -1, best)

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        """Yield each record's line and whether it has a label; a tie has none."""
        label, left_out = self.label.tolist(), self.exclusions.tolist()
        confidence = self.best.round(6).tolist()
        table = self.votes.counts.tolist()
        for item in self.order:
            if not self.lines[item]:
                known = self._checks[item]
                self.counts["known question" if known else "unknown id"] += 1
                continue
            shares = zip(self.names, table[item], strict=True)
            votes = {name: count for name, count in shares if count}
            if not left_out[item]:
                fields = {
                    "label": self.names[label[item]],
                    "label_confidence": confidence[item],
                    "votes": votes,
                }
                yield self._line(item, fields), True
            else:
                self.counts[EXCLUSION_REASONS[left_out[item]]] += 1
                yield self._line(item, {"votes": votes}), False

    def relabel_candidates(self) -> Iterator[bytes]:
        """Yield the records whose answer is not known, the least sure first.

        Of those equally sure the ones with fewer votes come first. They have
        `label_confidence` and `votes`, and no label to be seen by those who are asked
        next. An `Informed` aggregator ranks them by itself.
        """
        relabel_score = self.best
        if isinstance(self._aggregate, ModelAware):
            relabel_score = self._aggregate.relabel_score(self.votes, self.beliefs)
        known = (
            np.full(len(relabel_score), -1)
            if self.votes.gold is None
            else self.votes.gold
        )
        confidence = self.best.round(6).tolist()
        for item in np.lexsort(
            (self.votes.votes_per_item, relabel_score.round(9))
        ).tolist():
            if self.lines[item] and known[item] < 0:
                shares = zip(self.names, self.votes.counts[item].tolist(), strict=True)
                votes = {name: count for name, count in shares if count}
                fields = {"label_confidence": confidence[item], "votes": votes}
                yield self._line(item, fields)

    def _line(self, item: int, fields: dict[str, Any]) -> bytes:
        if self.of_votes:
            return replace_members(self.lines[item], OF_A_VOTE + OF_A_LABEL, fields)
        return splice(self.lines[item], members(fields))
