"""The labelled records, and how a seed deals them out: test set, stop set, pool."""

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
from alcli.data.splitting import Dealer

# what a strategy or a model must not see, and what earlier rounds have left
HIDDEN = ("label", "label_confidence", "votes", "probs", "pred", "query")


@dataclass
class Labelled:
    """Labelled records: their lines, ids, labels, and what a model reads of them."""

    lines: list[bytes] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """Sha256 of all that strategies and models may see, and of the labels."""
        digest, decode = hashlib.sha256(), msgspec.json.Decoder().decode
        for line, label, text in zip(self.lines, self.labels, self.texts, strict=True):
            seen = decode(drop_members(line, *HIDDEN))  # whatever its white space
            digest.update(msgspec.json.encode((seen, label, text)))
        return digest.hexdigest()

    @cached_property
    def classes(self) -> list[str]:
        """The labels that there are, sorted."""
        return sorted(set(self.labels))

    @cached_property
    def hidden(self) -> list[bytes]:
        """The lines as a pool has them: without labels."""
        return [drop_members(line, *HIDDEN) for line in self.lines]


class Reader:
    """Takes blocks of records; keeps those that have a label as `data`.

    Raises:
        UsageError: the field is none that models may read.
    """

    def __init__(self, content: str) -> None:
        if content in ("id", "label"):
            raise UsageError(f"--field {content}: a model cannot read that")
        self.data = Labelled()
        self._seen = IdSet()
        row = msgspec.defstruct(
            "Row",
            [("id", str | int), ("content", str), ("label", Label | None, None)],
            rename={"content": content},
            gc=False,
        )
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)

    def add(self, block: Block) -> Result:
        """Look at the records of a block.

        Raises:
            InputError: a record lacks `id` or the field that models read, its id was
                met before, or its label is empty.
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
    """What a seed makes of the data; rows are numbers of its records.

    test: the test set. pool: (n,), the stop set within it. stop: (s,).
    """

    test: Labelled
    pool: NDArray[np.intp]
    stop: NDArray[np.intp]


def deal(
    data: Labelled, fixed: Labelled | None, *, test: float | None, stop: int, seed: int
) -> Split:
    """Deal the records out, as `alcli split --seed` does.

    fixed: the test set, instead of a part of the records (`test`, a number or a part);
    records with an id of it are no part of the pool.

    Raises:
        InputError: there are too few records.
    """
    rows = np.arange(len(data))
    if fixed is not None:
        taken = set(fixed.ids)
        rows = rows[[id not in taken for id in data.ids]]
    shares: dict[str, float | None] = {"test": test} if test else {}
    shares |= {"stop": stop} if stop else {}
    dealer = Dealer(seed=seed)
    dealer.add(joined(data.lines[row] for row in rows))
    fate = dealer.deal({**shares, "rest": None})
    part = {name: rows[fate == place] for place, name in enumerate(shares)}
    pool = rows[fate > 0] if test else rows
    if not len(pool):
        raise InputError("no labelled record is left for the pool")
    nobody = np.empty(0, np.intp)
    if fixed is None:
        fixed = _some(data, part["test"].tolist())
    return Split(fixed, pool, part.get("stop", nobody))


def joined(lines: Iterable[bytes], source: str = "<records>") -> Block:
    """Return lines as a block."""
    return Block(b"".join([line + b"\n" for line in lines]), source)


def _some(data: Labelled, rows: Sequence[int]) -> Labelled:
    columns = (data.lines, data.ids, data.labels, data.texts)
    return Labelled(*([column[row] for row in rows] for column in columns))  # type: ignore[arg-type]
