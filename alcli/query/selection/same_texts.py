"""Equal texts: each is asked once, and none that was asked before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.core.ids import IdSet
from alcli.core.step import Block, identity

SAME = "same text as a labelled record"  # why records are passed over


class Text(msgspec.Struct, gc=False):
    """A record's text: its `tokens`, or its `text` where it has none."""

    tokens: Any = None
    text: Any = None


class _Record(Text, gc=False, kw_only=True):
    id: str | int


def key_of(id: str, tokens: Any, text: Any) -> str:
    """Return a key that records of equal text share; without a text it is of the id.

    >>> key_of("a", "good food", "Good food!") == key_of("b", "good food", None)
    True
    """
    for value in (tokens, text):
        if isinstance(value, str):
            return f"\1{value}"
    return f"\0{id}"


def texts_of(ids: Sequence[str], rows: Sequence[Text]) -> list[str]:
    """Return the keys of those rows that have a text."""
    keys = (key_of(i, row.tokens, row.text) for i, row in zip(ids, rows, strict=True))
    return [key for key in keys if key[0] == "\1"]


class Asked:
    """Ids and texts of records that are not to be chosen, at 24 bytes each."""

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        self.ids, self.texts = IdSet(), IdSet()
        decoder = msgspec.json.Decoder(_Record)
        for block in blocks:
            rows = block.decode(decoder)
            ids = [identity(row.id) for row in rows]
            self.ids.add(ids)
            self.texts.add(texts_of(ids, rows))


def among(texts: Sequence[IdSet], keys: Sequence[str], n: int) -> NDArray[np.bool_]:
    """Return a mask of the n records whose key is in one of the sets, (n,)."""
    found = np.zeros(n, np.bool_)
    for known in texts:
        found |= known.contains(keys)
    return found


def counts_of(excluded: NDArray[np.bool_], same: NDArray[np.bool_]) -> dict[str, int]:
    """Return the counts of a block: read, and left out by each reason."""
    counts = {"read": len(same), "excluded": int(excluded.sum())}
    return counts | ({SAME: int(same.sum())} if same.any() else {})
