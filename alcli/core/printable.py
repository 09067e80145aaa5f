"""Text made safe for a terminal: controls and direction marks as visible escapes."""

import re

# C0, DEL and C1 controls; marks that open or close a direction (UAX 9, 2.1 to 2.4);
# lone surrogates, which no output encoding takes
STEERING = (
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Return a text of one line with escapes instead of characters that steer.

    Names of files, labels, ids and servers reach messages: an escape sequence in one
    would clear the screen, and a direction mark would turn the rest of the line around.

    >>> printable("a\x1b[2J\nb\u202ec")
    'a\\x1b[2J\\nb\\u202ec'
    """
    return re.sub(STEERING, _escape, text)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
