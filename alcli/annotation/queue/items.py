"""Fields of a record that an annotator sees."""

from __future__ import annotations

from typing import NamedTuple

from alcli.core.fields import optional, record_decoder


class HeldItem(NamedTuple):
    """Item that an annotator holds.

    guess, sure: the predicted class and its probability; None unless displayed. again:
    True after an undo.
    """

    ticket: str
    text: str
    guess: str | None = None
    sure: float | None = None
    again: bool = False


DISPLAYED = ("text", optional("pred"), optional("probs"))
_decoder = record_decoder(*DISPLAYED)


def visible_fields(
    line: bytes, *, suggest: bool
) -> tuple[str, str | None, float | None]:
    """Return a record's text, and with `suggest` the prediction and its probability.

    >>> visible_fields(b'{"text": "t", "probs": {"no": 0.4, "yes": 0.6}}', suggest=True)
    ('t', 'yes', 0.6)
    """
    row = _decoder.decode(line)
    if not suggest:
        return row.text, None, None
    probs = row.probs or {}
    guess = row.pred or max(probs, key=lambda name: probs[name], default=None)
    return row.text, guess, probs.get(guess) if guess else None
