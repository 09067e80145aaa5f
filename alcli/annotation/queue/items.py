"""Fields of a record that an annotator sees."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Item(NamedTuple):
    """Item that an annotator holds. again: answered before, to be answered once more.

    guess, sure: the model's class and its probability; None unless they are shown.
    """

    ticket: str
    text: str
    guess: str | None = None
    sure: float | None = None
    again: bool = False


class ShownFields(msgspec.Struct, gc=False, kw_only=True):
    """The fields of a record that are shown; another type of one is an error."""

    text: str
    pred: str | None = None
    probs: dict[str, float] | None = None


_decoder = msgspec.json.Decoder(ShownFields)


def shown(line: bytes, *, suggest: bool) -> tuple[str, str | None, float | None]:
    """Return the text of a record, and with `suggest` the guess and its probability.

    >>> shown(b'{"text": "t", "probs": {"no": 0.4, "yes": 0.6}}', suggest=True)
    ('t', 'yes', 0.6)
    """
    row = _decoder.decode(line)
    if not suggest:
        return row.text, None, None
    probs = row.probs or {}
    guess = row.pred or max(probs, key=lambda name: probs[name], default=None)
    return row.text, guess, probs.get(guess) if guess else None
