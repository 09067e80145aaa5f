"""Labels as records spell them, and the names of the classes that they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from alcli.core.step import Block

# in JSON; a record without one, or with null where that is allowed, has no label
Label = str | int | bool

_WORDS = {True: "true", False: "false"}


@overload
def names_of(block: Block, labels: Sequence[Label]) -> Sequence[str]: ...


@overload
def names_of(block: Block, labels: Sequence[Label | None]) -> Sequence[str | None]: ...


def names_of(block: Block, labels: Sequence[Label | None]) -> Sequence[str | None]:
    """Return the class name of each row's label: its text in JSON, without quotes.

    >>> names_of(Block(b"{}\\n" * 4), ["good", 1, True, None])
    ['good', '1', 'true', None]

    Raises:
        InputError: a label is empty, or white space alone.
    """
    if not {*map(type, labels)} <= {str, type(None)}:
        labels = [x if x is None else name_of(x) for x in labels]
    names: Sequence[str | None] = labels  # type: ignore[assignment]
    if any(name is not None and not name.strip() for name in {*names}):
        row = next(i for i, x in enumerate(names) if x is not None and not x.strip())
        raise block.error(row, f'"label" is {EMPTY}')
    return names


EMPTY = "empty: name a class, or leave the field out where there is none"


def name_of(label: Label) -> str:
    """Return the class name that one label stands for."""
    return _WORDS[label] if isinstance(label, bool) else str(label)
