"""Labelled records, and their split by a seed: test set, stop set, pool."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError, UsageError
from alcli.core.fields import Label, class_names
from alcli.core.ids import IdSet
from alcli.core.jsonl import drop_members
from alcli.core.step import Block, Result, identity
from alcli.data.settings import SplitSettings
from alcli.data.splitting import Splitter

# gold labels, and fields of earlier rounds: hidden from strategies and models
HIDDEN_FIELDS = ("label", "label_confidence", "votes", "probs", "pred", "query")


@dataclass
class Dataset:
    """Labelled records, column by column.

    Attributes:
        lines: encoded records, n of them.
        ids: unique.
        labels: gold labels.
        texts: values of the input field.
    """

    lines: list[bytes] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the labels and of the fields that strategies and models see."""
        digest, decode = hashlib.sha256(), msgspec.json.Decoder().decode
        for line, label, text in zip(self.lines, self.labels, self.texts, strict=True):
            seen = decode(
                drop_members(line, *HIDDEN_FIELDS)
            )  # whatever the white space
            digest.update(msgspec.json.encode((seen, label, text)))
        return digest.hexdigest()

    @cached_property
    def classes(self) -> list[str]:
        """Distinct labels, sorted."""
        return sorted(set(self.labels))

    @cached_property
    def hidden(self) -> list[bytes]:
        """Lines of an unlabelled pool: without `HIDDEN_FIELDS`."""
        return [drop_members(line, *HIDDEN_FIELDS) for line in self.lines]


class DatasetReader:
    """Collector of blocks of records; the labelled ones become `data`.

    content: name of the input field.

    Raises:
        UsageError: `content` is `id` or `label`.
    """

    def __init__(self, content: str) -> None:
        if content in ("id", "label"):
            raise UsageError(f"--field {content}: a model cannot read that")
        self.data = Dataset()
        self._seen = IdSet()
        row = msgspec.defstruct(
            "Row",
            [("id", str | int), ("content", str), ("label", Label | None, None)],
            rename={"content": content},
            gc=False,
        )
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)

    def add(self, block: Block) -> Result:
        """Add the labelled records of a block.

        Raises:
            InputError: a record lacks `id` or the input field, repeats an id, or has
                an empty label.
        """
        rows = block.decode(self._decoder)
        names = class_names(block, [row.label for row in rows])
        kept = [name is not None for name in names]
        ids = [identity(row.id) for row in compress(rows, kept)]
        new = self._seen.add(ids, all_new=True)
        if not new.all():
            row = int(np.argmin(new))
            raise block.error(
                np.flatnonzero(kept)[row],
                f'id "{ids[row]}" is repeated; run `alcli clean` first',
            )
        data = self.data
        data.ids += ids
        data.lines += compress(block.lines, kept)
        data.labels += [name for name in names if name is not None]
        data.texts += [row.content for row in compress(rows, kept)]
        return Result([], {"read": len(rows), "no label": len(rows) - sum(kept)})


@dataclass(frozen=True)
class Split:
    """Test set, pool and stop set of one seed.

    Attributes:
        test: labelled records to evaluate on.
        pool: row indices of the data, (n,); includes the stop set.
        stop: row indices of the data, (s,).
    """

    test: Dataset
    pool: NDArray[np.intp]
    stop: NDArray[np.intp]


def split_dataset(
    data: Dataset, fixed: Dataset | None, *, test: float | None, stop: int, seed: int
) -> Split:
    """Split the records as `alcli split --seed` does.

    fixed: separate test set; its ids are excluded from the pool.
    test: size of the held-out test set, a number or a share; None with `fixed`.
    stop: size of the stop set.

    Raises:
        InputError: the records are too few.
    """
    rows = np.arange(len(data))
    if fixed is not None:
        taken = set(fixed.ids)
        rows = rows[[id not in taken for id in data.ids]]
    shares: dict[str, float | None] = {"test": test} if test else {}
    shares |= {"stop": stop} if stop else {}
    splitter = Splitter(SplitSettings(seed=seed))
    splitter.add(block_of(data.lines[row] for row in rows))
    share_of = splitter.assign({**shares, "rest": None})
    part = {name: rows[share_of == place] for place, name in enumerate(shares)}
    pool = rows[share_of > 0] if test else rows
    if not len(pool):
        raise InputError("no labelled record is left for the pool")
    empty = np.empty(0, np.intp)
    if fixed is None:
        fixed = _subset(data, part["test"].tolist())
    return Split(fixed, pool, part.get("stop", empty))


def block_of(lines: Iterable[bytes], source: str = "<records>") -> Block:
    """Return a block of the lines.

    source: name of the block in error messages.
    """
    return Block(b"".join([line + b"\n" for line in lines]), source)


def _subset(data: Dataset, rows: Sequence[int]) -> Dataset:
    columns = (data.lines, data.ids, data.labels, data.texts)
    return Dataset(*([column[row] for row in rows] for column in columns))  # type: ignore[arg-type]
