"""Other tools' files: each format reads them as records and writes records so.

A format is a `Format(read, write)`. To add one, write `alcli/formats/NAME.py` with a
format of that name made of its functions `read` and `write`, and its test. Their
keyword parameters with defaults are what `--set` takes. Records go one by one through
both, so a file of any size needs no more memory than a small one.

    read(source, **params) -> Iterator[Record]    takes source.objects() or .lines()
    write(records, target, **params)              calls target.write(bytes)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alcli.core.registry import Registry

if TYPE_CHECKING:
    from alcli.core.jsonl import Record


@dataclass(frozen=True)
class Format:
    """How a tool's file is read and written.

    read yields records; what it cannot make one of, it hands to `source.refuse`.
    write gets records of which `id`, `text`, `label`, `annotator` have their types.
    keeps: the fields that a file can hold; None: all of them. needs: those that a
    record must have. check: says why a record cannot be written, or "". folds: a text
    is one line, so its line breaks become spaces.
    """

    read: Callable[..., Iterator[Record]]
    write: Callable[..., None]
    keeps: frozenset[str] | None = None
    needs: frozenset[str] = frozenset({"text"})
    check: Callable[..., str] | None = None
    folds: bool = False


formats: Registry[Format] = Registry("format", __name__)
