"""Interface of a format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.data.formats.common.batch import FileBatch


type Check = Callable[[Record], str]  # returns an error message, or ""


@dataclass(frozen=True)
class Format:
    """Reader and writer of the files of a tool.

    read: function that yields batches of records; invalid items raise Rejected. write:
    function that takes lists of records with valid `id`, `text`, `label` and
    `annotator`. keeps: fields that a file can hold; None means all. needs: required
    fields. check: factory that takes parameters of `write` and returns a Check of
    records, or None if all are valid. folds: whether texts lose their line breaks.
    """

    read: Callable[..., Iterator[FileBatch[Record]]]
    write: Callable[..., None]
    keeps: frozenset[str] | None = None
    needs: frozenset[str] = frozenset({"text"})
    check: Callable[..., Check | None] | None = None
    folds: bool = False
