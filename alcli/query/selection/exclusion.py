"""Exclusion of records by id and by text: of equal texts one is selected, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from alcli.core.fields import Member, record_decoder
from alcli.core.ids import IdSet
from alcli.core.step import Block, identity

SAME_TEXT = "same text as a labelled record"  # reason in counts

# the text of a record: its `tokens`, or its `text` where those are no string
TEXT_MEMBERS = (Member("tokens", Any, None), Member("text", Any, None))


def text_key(id: str, tokens: Any, text: Any) -> str:
    """Return a key that records of equal text share; without a text it is of the id.

    >>> text_key("a", "good food", "Good food!") == text_key("b", "good food", None)
    True
    """
    for value in (tokens, text):
        if isinstance(value, str):
            return f"\1{value}"
    return f"\0{id}"


def text_keys(ids: Sequence[str], records: Sequence[Any]) -> list[str]:
    """Return the keys of those decoded records that have a text."""
    keys = (text_key(i, r.tokens, r.text) for i, r in zip(ids, records, strict=True))
    return [key for key in keys if key[0] == "\1"]


class ExcludedRecords:
    """Ids, and keys of texts, of records that are not selected: 24 bytes for each.

    ids: without their texts. blocks: records, whose texts are excluded, too.
    """

    def __init__(self, ids: Iterable[str] = (), blocks: Iterable[Block] = ()) -> None:
        self.ids, self.texts = IdSet(ids), IdSet()
        decoder = record_decoder("id", *TEXT_MEMBERS)
        for block in blocks:
            records = block.decode(decoder)
            names = [identity(record.id) for record in records]
            self.ids.add(names)
            self.texts.add(text_keys(names, records))
