"""Labels of records, merged from the votes on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from msgspec import UNSET

from alcli.annotation.aggregators import ModelAware, find
from alcli.annotation.settings import MergeSettings
from alcli.annotation.votes.caveats import (
    TIE,
    warn_of_contradictions,
    warn_of_similar_names,
)
from alcli.annotation.votes.gold_answers import GoldAnswers, ItemProbs
from alcli.annotation.votes.ledger import Ledger, integer_codes
from alcli.core.errors import InputError
from alcli.core.fields import LABEL_FIELDS, VOTE_FIELDS, raw, record_decoder, unset
from alcli.core.members import drop_members, members, replace_members, splice
from alcli.core.step import Block, Result, identity

EXCLUSION_REASONS = ("", "no answer", "too few votes", "tied", "not sure enough")


class VotedRecords:
    """Collector of records; it keeps the lines of those with votes."""

    def __init__(self, ledger: Ledger) -> None:
        self.ids = ledger.ids
        self.lines: list[bytes] = [b""] * len(ledger.ids)
        self._checks = ledger.gold_question_mask()
        self._texts = ledger.texts
        self._decoder = record_decoder("id", unset("text"), *map(raw, LABEL_FIELDS))

    def add(self, block: Block) -> Result:
        """Add the records of a block.

        Raises:
            InputError: a record without `id`, or with another `text` than the votes.
        """
        rows = block.decode(self._decoder)
        places = [p for p, row in enumerate(rows) if identity(row.id) in self.ids]
        rows = [rows[place] for place in places]
        items = integer_codes(self.ids, [identity(row.id) for row in rows])
        self._texts.check(block, places, items, [row.text for row in rows])
        for place, row, item in zip(places, rows, items.tolist(), strict=True):
            line = block.lines[place]
            if any(getattr(row, name) is not UNSET for name in LABEL_FIELDS):
                line = drop_members(line, *LABEL_FIELDS)
            self.lines[item] = line
        return Result([])

    def require_all(self, source: str) -> None:
        """Check that each item has a record; gold questions need none.

        source: name of the votes in messages.

        Raises:
            InputError: an item has no record.
        """
        for name, item in self.ids.items():
            if not self.lines[item] and not self._checks[item]:
                raise InputError(
                    f'a vote is on id "{name}", which --records lacks', source=source
                )


class Merge:
    """Labels of the items of a ledger: lines to write, and counts.

    Gold questions without a record have a label, and no line. Without `records` the
    last vote on each id is its record.

    source: name of the records in messages. label: class number of each item, (items,),
    -1 for none. counts: number of items without a label, by reason.
    """

    def __init__(
        self,
        settings: MergeSettings,
        ledger: Ledger,
        records: VotedRecords | None = None,
        answers: GoldAnswers | None = None,
        *,
        source: str = "<records>",
    ) -> None:
        self._from_votes = records is None
        self.lines = records.lines if records else ledger.lines
        self._checks = ledger.gold_question_mask()
        if self._checks.any():
            both = zip(self.lines, self._checks.tolist(), strict=True)
            self.lines = [b"" if check else line for line, check in both]
        self._aggregate = find(settings.aggregate)
        probs = None
        if isinstance(self._aggregate, ModelAware):
            probs = ItemProbs(ledger.ids, self.lines, source)
        classes = {*(answers.labels.values() if answers else ())}
        classes |= probs.classes if probs else set()
        votes, self.names, position = ledger.votes(classes)
        warn_of_similar_names(self.names)
        if answers:
            votes = replace(votes, gold=answers.gold(self.names, votes.items))
        if probs:
            votes = replace(votes, probs=probs.matrix(self.names))
        self.votes = votes
        beliefs, self.quality = self._aggregate(votes, **settings.params)
        self.beliefs = votes.with_gold(beliefs)
        warn_of_contradictions(votes, self.beliefs, self._aggregate)
        self._judge(settings)
        order = np.argsort(position)
        self.order = (order[::-1] if settings.newest == "first" else order).tolist()
        self.counts: Counter[str] = Counter()

    def _judge(self, settings: MergeSettings) -> None:
        self.best = self.beliefs.max(axis=1, initial=0)
        number = self.votes.votes_per_item
        rivals = (self.beliefs >= self.best[:, None] - TIE).sum(axis=1)
        reasons = [
            number == 0,
            number < settings.min_votes,
            rivals > 1,
            self.best.round(6) < round(settings.min_confidence, 6),  # as written
        ]
        if self.votes.gold is not None:
            known = self.votes.gold >= 0
            reasons[1:] = [reason & ~known for reason in reasons[1:]]
        self.exclusions = np.select(reasons, range(1, 5), 0)  # by EXCLUSION_REASONS
        best = self.beliefs.argmax(axis=1) if self.names else np.zeros_like(number)
        self.label = np.where(self.exclusions, -1, best)
        # lists: to index an array takes ten times as long
        self._confidence = self.best.round(6).tolist()
        self._counts = self.votes.counts.tolist()

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        """Yield each record's line, and whether it has a label."""
        label, exclusions = self.label.tolist(), self.exclusions.tolist()
        for item in self.order:
            if not self.lines[item]:
                known = self._checks[item]
                self.counts["known question" if known else "unknown id"] += 1
            elif exclusions[item]:
                self.counts[EXCLUSION_REASONS[exclusions[item]]] += 1
                yield self._line(item, {"votes": self._votes(item)}), False
            else:
                yield (
                    self._line(
                        item, {"label": self.names[label[item]]} | self._belief(item)
                    ),
                    True,
                )

    def relabel_candidates(self) -> Iterator[bytes]:
        """Yield the records without a gold answer, the least certain first.

        Of equally certain ones those with fewer votes come first. They have
        `label_confidence` and `votes`, and no label, so that the next annotators do not
        see it. A `ModelAware` aggregator ranks them itself.
        """
        score = self.best
        if isinstance(self._aggregate, ModelAware):
            score = self._aggregate.relabel_score(self.votes, self.beliefs)
        gold = self.votes.gold
        for item in np.lexsort((self.votes.votes_per_item, score.round(9))).tolist():
            if self.lines[item] and (gold is None or gold[item] < 0):
                yield self._line(item, self._belief(item))

    def _belief(self, item: int) -> dict[str, Any]:
        return {"label_confidence": self._confidence[item], "votes": self._votes(item)}

    def _votes(self, item: int) -> dict[str, int]:
        counts = zip(self.names, self._counts[item], strict=True)
        return {name: count for name, count in counts if count}

    def _line(self, item: int, fields: dict[str, Any]) -> bytes:
        if self._from_votes:
            return replace_members(self.lines[item], VOTE_FIELDS + LABEL_FIELDS, fields)
        return splice(self.lines[item], members(fields))
