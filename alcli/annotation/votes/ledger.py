"""Ledger of votes, read into arrays of items, annotators and labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from alcli.annotation.aggregators import Votes
from alcli.core.fields import (
    class_names,
    defaulted,
    nullable,
    optional,
    record_decoder,
    unset,
)
from alcli.core.step import Block, Result, identity

_VOTE = ("id", nullable("label"), defaulted("annotator", ""), unset("text"))


class AnnotatorActivity(NamedTuple):
    """Activity of each annotator, (annotators,).

    replaced: number of votes with a later vote on the same item. skipped: number of
    items without an answer. seconds: median time of a vote, or NaN.
    """

    replaced: NDArray[np.intp]
    skipped: NDArray[np.intp]
    seconds: NDArray[np.float64]


class Ledger:
    """Collector of votes.

    An annotator's later vote on a record replaces the earlier one; votes without an
    `annotator` count as one annotator's. `label: null` is an item without an answer.

    keep_lines: keep the last line of each item, as the record. timed: read `seconds`.
    ids: index of each item by id. lines: record of each item, if kept.
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
        more = (optional("seconds"),) if timed else ()
        self._decoder = record_decoder(*_VOTE, optional("check"), *more)
        self.keep_lines = keep_lines
        self.lines: list[bytes] = []

    def add(self, block: Block) -> Result:
        """Add the votes of a block.

        Raises:
            InputError: a vote without `id`, without `label` or with an empty one, or
                with another `text` than an earlier vote on its id.
        """
        rows = block.decode(self._decoder, check_text=self.keep_lines)
        names = class_names(block, [row.label for row in rows])
        items = integer_codes(self.ids, [identity(row.id) for row in rows])
        self.texts.check(block, range(len(rows)), items, [row.text for row in rows])
        self._add_codes(items, [row.annotator for row in rows], names)
        # other tools may use the field `check` for something else
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

    def add_votes(
        self, ids: Sequence[str], annotators: Sequence[str], labels: Sequence[str]
    ) -> None:
        """Add votes by columns, without texts: n ids, annotators and labels."""
        self._add_codes(integer_codes(self.ids, ids), annotators, labels)
        self._checks.append(np.zeros(len(ids), np.bool_))

    def _add_codes(
        self,
        items: NDArray[np.int32],
        annotators: Sequence[str],
        labels: Sequence[str | None],
    ) -> None:
        people = integer_codes(self._annotators, annotators)
        codes = integer_codes(self._labels, labels)
        self._codes.append(np.stack([items, people, codes]))

    @property
    def size(self) -> int:
        """Number of votes read."""
        return sum(codes.shape[1] for codes in self._codes)

    @property
    def annotators(self) -> list[str]:
        """Names of the annotators, in the order of their numbers."""
        return list(self._annotators)

    def gold_question_mask(self) -> NDArray[np.bool_]:
        """Return a mask of items all of whose votes are on gold questions, (items,)."""
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
        """Return the votes that count, the class names, and each item's position.

        classes: names of classes, beside those with votes. The position, (items,), is
        that of the item's last vote in the ledger.
        """
        item, annotator, label = self._all()
        newest = np.zeros(len(self.ids), np.intp)
        newest[item] = np.arange(len(item))  # of equal items the last one stays
        last = self._last(item, annotator)
        names = sorted({*classes, *(n for n in self._labels if n is not None)})
        number: dict[str | None, int] = {None: -1}
        number |= {name: place for place, name in enumerate(names)}
        place = np.array([number[name] for name in self._labels], np.int32)
        classes_of = place[label[last]] if len(last) else label
        answered = last[classes_of >= 0]
        votes = Votes(
            item[answered],
            annotator[answered],
            classes_of[classes_of >= 0],
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
        """Return the positions of votes that no later vote replaces."""
        pairs = item.astype(np.int64) * max(1, len(self._annotators)) + annotator
        places: NDArray[np.intp] = np.unique(pairs[::-1], return_index=True)[1]
        return len(pairs) - 1 - places


def _median(seconds: NDArray[np.floating[Any]]) -> float:
    known = seconds[~np.isnan(seconds)]
    return float(np.median(known)) if len(known) else float("nan")


def integer_codes(index: Mapping[Any, int], keys: Sequence[Any]) -> NDArray[np.int32]:
    """Return the number of each key; a default dictionary numbers new ones."""
    return np.fromiter(map(index.__getitem__, keys), np.int32, len(keys))


class TextHashes:
    """Hash of each item's text, to reject two texts with one id."""

    def __init__(self) -> None:
        self._hashes = np.zeros(1024, np.int64)  # by item; 0: no text seen

    def known(self, item: int) -> bool:
        """Check whether an item has a text."""
        return bool(self._hashes[item])

    def check(
        self,
        block: Block,
        rows: Sequence[int],
        items: NDArray[np.int32],
        texts: Sequence[str | UnsetType],
    ) -> None:
        """Compare the texts in some rows of a block with earlier ones.

        Raises:
            InputError: an item has two texts.
        """
        while int(items.max(initial=0)) >= len(self._hashes):
            self._hashes = np.append(self._hashes, np.zeros_like(self._hashes))
        hashes = np.fromiter(map(hash, texts), np.int64, len(texts))
        hashes[hashes == 0] = 1
        hashes[hashes == hash(UNSET)] = 0
        new = (hashes != 0) & (self._hashes[items] == 0)
        self._hashes[items[new][::-1]] = hashes[new][::-1]  # of equal items the first
        differs = (hashes != 0) & (self._hashes[items] != hashes)
        if differs.any():
            row = rows[int(np.argmax(differs))]
            raise block.error(row, "its id stands for another text too")
