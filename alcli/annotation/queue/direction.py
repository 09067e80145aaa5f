"""Writing direction of a text."""

from __future__ import annotations

from unicodedata import bidirectional


def right_to_left(text: str) -> bool:
    """Check whether the first letter with a direction runs from right to left.

    The same rule as `dir="auto"` in browsers (UAX 9, rules P2 and P3).

    >>> right_to_left("... ۲۰ گوشی Samsung"), right_to_left("Samsung گوشی")
    (True, False)
    """
    strong = (bidirectional(letter) for letter in text)
    return next((kind != "L" for kind in strong if kind in ("L", "R", "AL")), False)
