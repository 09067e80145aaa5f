"""Interface of a format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.data.formats.common.source import RecordBatches


type Check = Callable[[Record], str]  # returns an error message, or ""


@dataclass(frozen=True)
class Format:
    """Reader and writer of the files of a tool.

    read: function that yields batches of records; invalid items raise Rejected. write:
    function that takes lists of records with valid `id`, `text`, `label` and
    `annotator`. keeps: fields that a file can hold; None means all. needs: required
    fields. check: factory that takes parameters of `write` and returns a Check of
    records, or None if all are valid. folds: `write` replaces line breaks
    in texts with spaces (`one_line`), as the contract tests then expect.
    settings: dataclass of further parameters of both, their last positional argument.
    """

    read: Callable[..., RecordBatches]
    write: Callable[..., None]
    keeps: frozenset[str] | None = None
    needs: frozenset[str] = frozenset({"text"})
    check: Callable[..., Check | None] | None = None
    folds: bool = False
    settings: Callable[..., object] | None = None
