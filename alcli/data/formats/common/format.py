"""What a format is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.data.formats.common.batch import Batch


type Check = Callable[[Record], str]


@dataclass(frozen=True)
class Format:
    """How a tool's file is read and written.

    read yields batches of records; what cannot be one raises NoRecord. write gets lists
    of records of which `id`, `text`, `label`, `annotator` have their types.
    keeps: the fields that a file can hold; None: all of them. needs: those that a
    record must have. check: of parameters of `write`, makes the function that says why
    a record cannot be written, or ""; None: any can. folds: a text is one line, so its
    line breaks become spaces.
    """

    read: Callable[..., Iterator[Batch[Record]]]
    write: Callable[..., None]
    keeps: frozenset[str] | None = None
    needs: frozenset[str] = frozenset({"text"})
    check: Callable[..., Check | None] | None = None
    folds: bool = False
