"""Redaction of passwords and keys in URLs, for messages and reports."""

from __future__ import annotations

import re
from urllib.parse import unquote

_LONGEST = 300  # characters of a URL in a message
_USER = re.compile(r"(?<=//)(?:[^\s/?#]*|[^\s/?#:]*:(?![0-9]+[/?#])\S{0,200}?)@")
_PAIR = re.compile(r"(?<=[?&;#])([^\s=&;#]++)=([^\s&;#'\"]++)")
_SECRET = re.compile(
    r"(?:key|token|secret|pass(?:w(?:or)?d)?|passphrase|pwd|auth|authorization|bearer"
    r"|jwt|signature|sig|hash|hmac|credentials?|session(?:[-_]?id)?|sid|appid|otp|pin)$",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return a text whose URLs have *** for passwords and keys.

    >>> redact("http://me:pass@a.test/?api_key=7&page=2: 404 Not Found")
    'http://***@a.test/?api_key=***&page=2: 404 Not Found'
    """
    return _PAIR.sub(_redact_pair, _USER.sub("***@", text))


def shown(url: str) -> str:
    """Return a URL for a message: redacted, and cut off if it is long."""
    text = redact(url[: 10 * _LONGEST])
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _redact_pair(pair: re.Match[str]) -> str:
    secret = _SECRET.search(unquote(pair[1]))
    return f"{pair[1]}=***" if secret else pair[0]
