"""Give records the label that the votes on them agree in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from alcli.aggregators import Beliefs
from alcli.core.errors import InputError
from alcli.core.jsonl import members, rewrite, splice, without
from alcli.core.step import Block, Result, identity
from alcli.votes.ledger import Ledger, numbers

OF_A_VOTE = ("annotator", "time", "seconds")
OF_A_LABEL = ("label", "label_confidence", "votes")


class _Record(msgspec.Struct, gc=False):
    id: str | int
    text: str | UnsetType = UNSET
    label: msgspec.Raw | UnsetType = UNSET
    label_confidence: msgspec.Raw | UnsetType = UNSET
    votes: msgspec.Raw | UnsetType = UNSET


class Records:
    """Keeps the lines of those records that were voted on."""

    def __init__(self, ledger: Ledger) -> None:
        self.ids = ledger.ids
        self.lines: list[bytes] = [b""] * len(ledger.ids)
        self._texts = ledger.texts
        self._decoder = msgspec.json.Decoder(_Record)

    def add(self, block: Block) -> Result:
        """Look at the records of a block."""
        rows = block.decode(self._decoder)
        places = [p for p, row in enumerate(rows) if identity(row.id) in self.ids]
        rows = [rows[place] for place in places]
        items = numbers(self.ids, [identity(row.id) for row in rows])
        self._texts.check(block, places, items, [row.text for row in rows])
        for place, row, item in zip(places, rows, items.tolist(), strict=True):
            line = block.lines[place]
            if any(getattr(row, name) is not UNSET for name in OF_A_LABEL):
                line = without(line, *OF_A_LABEL)
            self.lines[item] = line
        return Result([], {})

    def require_all(self, source: str) -> None:
        """Raise an InputError where a vote is on a record that there is not."""
        for name, item in self.ids.items():
            if not self.lines[item]:
                raise InputError(
                    f'a vote is on id "{name}", which --records lacks', source=source
                )


class Merge:
    """The labels of a ledger: lines to write, disputed lines, and counts.

    Without records, the last vote on each id is taken for the record.
    """

    def __init__(
        self,
        ledger: Ledger,
        records: Records | None,
        aggregate: Callable[..., Beliefs],
        newest: Literal["first", "last"] = "last",
        **params: Any,
    ) -> None:
        self.of_votes = records is None
        self.lines = records.lines if records else ledger.lines
        votes, self.names, newness = ledger.votes()
        self.beliefs, _ = aggregate(votes, **params)
        cells = votes.item.astype(np.int64) * max(1, votes.classes) + votes.label
        counts = np.bincount(cells, minlength=votes.items * votes.classes)
        self.table = counts.reshape(votes.items, votes.classes)
        order = np.argsort(newness)
        self.order = (order[::-1] if newest == "first" else order).tolist()
        self.counts: Counter[str] = Counter()

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        """Yield each record's line and whether it has a label; a tie has none."""
        best = self.beliefs.max(axis=1, initial=0)
        rivals = (self.beliefs == best[:, None]).sum(axis=1).tolist()
        winner = self.beliefs.argmax(axis=1).tolist() if self.names else rivals
        confidence = best.round(6).tolist()
        table = self.table.tolist()
        for item in self.order:
            if not self.lines[item]:
                self.counts["unknown id"] += 1
                continue
            shares = zip(self.names, table[item], strict=True)
            votes = {name: count for name, count in shares if count}
            if votes and rivals[item] == 1:
                label = self.names[winner[item]]
                fields = {
                    "label": label,
                    "label_confidence": confidence[item],
                    "votes": votes,
                }
                yield self._line(item, fields), True
            else:
                self.counts["tied" if votes else "no answer"] += 1
                yield self._line(item, {"votes": votes}), False

    def _line(self, item: int, fields: dict[str, Any]) -> bytes:
        if self.of_votes:
            return rewrite(self.lines[item], OF_A_VOTE + OF_A_LABEL, fields)
        return splice(self.lines[item], members(fields))
