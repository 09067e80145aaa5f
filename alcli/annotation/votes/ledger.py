"""Read votes into arrays: who said what of which record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from alcli.annotation.aggregators import Votes
from alcli.core.fields import Label, class_names
from alcli.core.step import Block, Result, identity


class _Vote(msgspec.Struct, gc=False):
    id: str | int
    label: Label | None
    annotator: str = ""
    text: str | UnsetType = UNSET
    check: Any = None  # True: a known question; another tool may mean something else


class _TimedVote(_Vote, gc=False):
    seconds: float | None = None


class AnnotatorActivity(NamedTuple):
    """Activity of each annotator, (annotators,).

    replaced: votes that a later one on the same item took the place of. skipped: items
    left without an answer. seconds: the median of those votes that tell it, or NaN.
    """

    replaced: NDArray[np.intp]
    skipped: NDArray[np.intp]
    seconds: NDArray[np.float64]


class Ledger:
    """Takes blocks of votes, one after the other.

    An annotator's later vote on a record replaces the earlier one; votes without an
    `annotator` are one person's. `label: null` counts as asked, not as a vote.

    keep_lines: of each item, as the record. timed: look at `seconds`, too.
    """

    def __init__(self, *, keep_lines: bool = False, timed: bool = False) -> None:
        self.ids: defaultdict[str, int] = defaultdict(count().__next__)
        self._annotators: defaultdict[str, int] = defaultdict(count().__next__)
        self._labels: defaultdict[str | None, int] = defaultdict(count().__next__)
        self._codes: list[NDArray[np.int32]] = []  # (3, votes of a block)
        self._checks: list[NDArray[np.bool_]] = []  # (votes of a block,)
        self._seconds: list[NDArray[np.float32]] = []
        self.texts = TextHashes()
        self._timed = timed
        self._decoder: msgspec.json.Decoder[Any]
        self._decoder = msgspec.json.Decoder(_TimedVote if timed else _Vote)
        self.keep_lines = keep_lines
        self.lines: list[bytes] = []

    def add(self, block: Block) -> Result:
        """Look at the votes of a block.

        Raises:
            InputError: a vote has no `id`, no `label` or an empty one, or another
                `text` than before.
        """
        rows = block.decode(self._decoder, check_text=self.keep_lines)
        names = class_names(block, [row.label for row in rows])
        items = integer_codes(self.ids, [identity(row.id) for row in rows])
        self.texts.check(block, range(len(rows)), items, [row.text for row in rows])
        annotators = integer_codes(self._annotators, [row.annotator for row in rows])
        labels = integer_codes(self._labels, names)
        self._codes.append(np.stack([items, annotators, labels]))
        self._checks.append(np.array([row.check is True for row in rows], np.bool_))
        if self._timed:
            spent = [np.nan if row.seconds is None else row.seconds for row in rows]
            self._seconds.append(np.array(spent, np.float32))
        if self.keep_lines:
            self.lines += [b""] * (len(self.ids) - len(self.lines))
            for row, item, line in zip(rows, items.tolist(), block.lines, strict=True):
                just_id = row.text is UNSET and self.texts.known(item)
                if not (just_id and self.lines[item]):  # else the fuller line stays
                    self.lines[item] = line
        return Result([], {"read": len(rows)})

    @property
    def size(self) -> int:
        """Number of votes read."""
        return sum(codes.shape[1] for codes in self._codes)

    @property
    def annotators(self) -> list[str]:
        """The annotators' names, in the order of their numbers."""
        return list(self._annotators)

    def gold_question_mask(self) -> NDArray[np.bool_]:
        """Return a mask of the items that are gold questions alone, (items,)."""
        checks = np.zeros(len(self.ids), np.bool_)
        marked = np.concatenate([np.empty(0, np.bool_), *self._checks])
        if marked.any():
            item = self._all()[0]
            checks[item[marked]] = True
            checks[item[~marked]] = False
        return checks

    def votes(
        self, classes: Iterable[str] = ()
    ) -> tuple[Votes, list[str], NDArray[np.intp]]:
        """Return the votes that count, the class names, and each item's newness.

        classes: names that there are beside those voted for. The last is (items,): the
        place in the ledger of the last vote on each item.
        """
        item, annotator, label = self._all()
        newest = np.zeros(len(self.ids), np.intp)
        newest[item] = np.arange(len(item))  # of equal items the last one stays
        last = self._last(item, annotator)
        names = sorted({*classes, *(n for n in self._labels if n is not None)})
        number: dict[str | None, int] = {None: -1}
        number |= {name: place for place, name in enumerate(names)}
        place = np.array([number[name] for name in self._labels], np.int32)
        said = place[label[last]] if len(last) else label
        told = last[said >= 0]
        votes = Votes(
            item[told],
            annotator[told],
            said[said >= 0],
            len(self.ids),
            len(self._annotators),
            len(names),
        )
        return votes, names, newest

    def activity(self) -> AnnotatorActivity:
        """Return the activity of the annotators; the ledger must be `timed`."""
        item, annotator, label = self._all()
        last = self._last(item, annotator)
        people = len(self._annotators)
        skips = label[last] == self._labels.get(None, -1)
        who, counting = annotator[last], np.bincount(annotator[last], minlength=people)
        spent = np.concatenate([np.empty(0, np.float32), *self._seconds])[last]
        medians = [np.empty(0)] * people
        order = np.argsort(who, kind="stable")
        if people:
            medians = np.split(spent[order], np.cumsum(counting)[:-1])
        return AnnotatorActivity(
            np.bincount(annotator, minlength=people) - counting,
            np.bincount(who[skips], minlength=people),
            np.array([_median(part) for part in medians]),
        )

    def _all(self) -> NDArray[np.int32]:
        return np.concatenate([np.empty((3, 0), np.int32), *self._codes], axis=1)

    def _last(
        self, item: NDArray[np.int32], annotator: NDArray[np.int32]
    ) -> NDArray[np.intp]:
        """Return the places of those votes that no later one replaces."""
        pairs = item.astype(np.int64) * max(1, len(self._annotators)) + annotator
        places: NDArray[np.intp] = np.unique(pairs[::-1], return_index=True)[1]
        return len(pairs) - 1 - places


def _median(seconds: NDArray[np.floating[Any]]) -> float:
    told = seconds[~np.isnan(seconds)]
    return float(np.median(told)) if len(told) else float("nan")


def integer_codes(index: Mapping[Any, int], keys: Sequence[Any]) -> NDArray[np.int32]:
    """Return the number of each key; the index gives new ones the next."""
    return np.fromiter(map(index.__getitem__, keys), np.int32, len(keys))


class TextHashes:
    """Remembers a hash of each item's text, to refuse two texts under one id."""

    def __init__(self) -> None:
        self._hashes = np.zeros(1024, np.int64)  # by item; 0: no text seen

    def known(self, item: int) -> bool:
        """Check whether a text was found for an item."""
        return bool(self._hashes[item])

    def check(
        self,
        block: Block,
        rows: Sequence[int],
        items: NDArray[np.int32],
        texts: Sequence[str | UnsetType],
    ) -> None:
        """Compare the texts in some rows of a block with those met before.

        Raises:
            InputError: one of them differs.
        """
        while int(items.max(initial=0)) >= len(self._hashes):
            self._hashes = np.append(self._hashes, np.zeros_like(self._hashes))
        given = np.fromiter(map(hash, texts), np.int64, len(texts))
        given[given == 0] = 1
        given[given == hash(UNSET)] = 0
        new = (given != 0) & (self._hashes[items] == 0)
        self._hashes[items[new][::-1]] = given[new][::-1]  # of equal items the first
        differs = (given != 0) & (self._hashes[items] != given)
        if differs.any():
            row = rows[int(np.argmax(differs))]
            raise block.error(row, "its id stands for another text too")
