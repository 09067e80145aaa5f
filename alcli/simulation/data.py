"""Labelled records, column by column."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np

from alcli.core.errors import UsageError
from alcli.core.fields import Member, class_names, content, optional, record_decoder
from alcli.core.step import Block, Result, identity
from alcli.core.types import Indices
from alcli.query.selection.exclusion import TEXT_MEMBERS, text_key

# gold labels, and fields of earlier rounds: hidden from strategies and models
HIDDEN_FIELDS = ("label", "label_confidence", "votes", "probs", "pred", "query")


@dataclass
class Dataset:
    """Labelled records, n of them.

    Attributes:
        lines: encoded records.
        ids: unique.
        labels: gold labels.
        texts: values of the input field.
        text_keys: keys that records of equal text share: the id of the first of them.
    """

    lines: list[bytes] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    text_keys: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the labels and of the fields that strategies and models see."""
        digest, decode = hashlib.sha256(), msgspec.json.Decoder().decode
        encode = msgspec.json.Encoder().encode
        for line, label, text in zip(self.lines, self.labels, self.texts, strict=True):
            visible = decode(line)
            for name in HIDDEN_FIELDS:
                visible.pop(name, None)
            digest.update(encode((visible, label, text)))
        return digest.hexdigest()

    @cached_property
    def classes(self) -> list[str]:
        """Distinct labels, sorted."""
        return sorted(set(self.labels))

    def texts_of(self, rows: Indices) -> list[str]:
        """Return the values of the input field of some records."""
        return list(map(self.texts.__getitem__, rows.tolist()))

    def values(self, name: str) -> list[Any]:
        """Return the value of a field in each record; None if missing or hidden.

        Raises:
            InputError: a value is a list or an object.
        """
        if name in HIDDEN_FIELDS:
            return [None] * len(self)
        scalar = str | int | float | bool | None
        decoder = record_decoder(Member("value", scalar, None, field=name))
        block = Block(b"".join([line + b"\n" for line in self.lines]))
        return [record.value for record in block.decode(decoder)]

    def take(self, rows: Indices) -> Dataset:
        """Return some records."""
        columns = (self.lines, self.ids, self.labels, self.texts, self.text_keys)
        some = rows.tolist()
        return Dataset(*([column[row] for row in some] for column in columns))


class DatasetReader:
    """Collector of blocks of records; the labelled ones become `data`.

    field: name of the input field.

    Raises:
        UsageError: the field is `id` or `label`.
    """

    def __init__(self, field: str) -> None:
        if field in ("id", "label"):
            raise UsageError(f"--field {field}: a model cannot read that")
        self.data = Dataset()
        self._seen: set[str] = set()
        self._first: dict[str, str] = {}  # text key -> id of its first record
        others = [member for member in TEXT_MEMBERS if member.name != field]
        self._decoder = record_decoder("id", content(field), optional("label"), *others)
        names = (member.name for member in TEXT_MEMBERS)
        self._texts_of = attrgetter(*("content" if n == field else n for n in names))

    def add(self, block: Block) -> Result:
        """Add the labelled records of a block.

        Raises:
            InputError: a record lacks `id` or the input field, repeats an id, or has
                an empty label.
        """
        rows = block.decode(self._decoder)
        names = class_names(block, [row.label for row in rows])
        labelled = [name is not None for name in names]
        kept: Sequence[Any] = [*compress(rows, labelled)]
        ids = [identity(row.id) for row in kept]
        first = {id: row for row, id in reversed([*enumerate(ids)])}
        for row, id in enumerate(ids):
            if first[id] < row or id in self._seen:
                problem = f'id "{id}" is repeated; run `alcli clean` first'
                raise block.error(int(np.flatnonzero(labelled)[row]), problem)
        self._seen |= first.keys()
        data = self.data
        data.ids += ids
        data.lines += compress(block.lines, labelled)
        data.labels += [name for name in names if name is not None]
        data.texts += [row.content for row in kept]
        data.text_keys += [
            self._first.setdefault(text_key(id, *self._texts_of(row)), id)
            for id, row in zip(ids, kept, strict=True)
        ]
        return Result([], {"read": len(rows), "no label": len(rows) - len(kept)})
