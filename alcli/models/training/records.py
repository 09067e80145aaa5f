"""Labelled records of a training: collected from blocks, with their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from itertools import compress

import msgspec

from alcli.core.fields import class_names, content, optional, record_decoder
from alcli.core.step import Block, Result, identity


class LabelledRecords:
    """Ids, texts and label names of labelled records, in input order.

    field: name of the record field with the text. label_error: function that returns an
    error message for an invalid label, None for a valid one.
    """

    def __init__(self, field: str, label_error: Callable[[str], str | None]) -> None:
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.names: list[str] = []
        self._label_error = label_error
        self._decoder = record_decoder(content(field), "id", optional("label"))

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, block: Block) -> Result:
        """Collect the labelled records of a block; return their counts.

        Raises:
            InputError: a record lacks the field, or its label is empty or invalid.
        """
        rows = block.decode(self._decoder)
        names = class_names(block, [row.label for row in rows])
        kept = [name is not None for name in names]
        for place, name in enumerate(names):
            if name is not None and (problem := self._label_error(name)):
                raise block.error(place, problem)
        self.extend(
            [identity(row.id) for row in compress(rows, kept)],
            [row.content for row in compress(rows, kept)],
            [name for name in names if name is not None],
        )
        return Result([], {"read": len(rows), "no label": len(rows) - sum(kept)})

    def extend(
        self, ids: Sequence[str], texts: Sequence[str], names: Sequence[str]
    ) -> None:
        """Add records by columns: ids, texts and valid label names, n of each."""
        self.ids += ids
        self.texts += texts
        self.names += names

    def digest(self) -> str:
        """Return the sha256 of ids, labels and texts, as hex digits."""
        digest = hashlib.sha256()
        for row in zip(self.ids, self.names, self.texts, strict=True):
            digest.update(msgspec.json.encode(row))
        return digest.hexdigest()


def texts_of(blocks: Iterable[Block], field: str) -> Iterable[str]:
    """Return an iterable of the contents of a field, for a vocabulary."""
    decoder = record_decoder(content(field))
    return (row.content for block in blocks for row in block.decode(decoder))
