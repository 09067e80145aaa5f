"""Walks the pages of a source politely: the only door to Scrapy.

`walk` decides what is asked for next and which records are new; it knows nothing of
the network. `fetcher` starts a process of its own in which Scrapy downloads (`child`),
since a reactor runs once in a process and handles signals in its own way; that process
keeps nothing, and may be killed at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

type Site = tuple[str, int]


@dataclass(frozen=True)
class Manners:
    """How a server is treated.

    delay: seconds between two requests, at least. concurrency: requests under way at a
    time. timeout: seconds for an answer. retries: of what may pass (429, 5xx, lost
    connections, unreadable pages). contact: an address, sent with each request.
    """

    delay: float = 1.0
    concurrency: int = 1
    timeout: float = 30.0
    retries: int = 5
    contact: str = ""


@dataclass(frozen=True)
class Failure:
    """Why a page was not had; `later`: the server asks us to stay away for long."""

    problem: str
    kind: Literal["failed", "gone", "later", "bug"] = "failed"


def host(url: str) -> str:
    """Return the host of an address, in small letters."""
    return urlsplit(url).hostname or ""


def site(url: str) -> Site | None:
    """Return what may not change on the way: host and port; None for no web address.

    >>> site("http://example.com/a") == site("https://EXAMPLE.com/b")
    True
    >>> site("file:///etc/passwd"), site("http://me:secret@example.com/")
    (None, None)
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 0
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in url:
        return None
    return parts.hostname.rstrip("."), 0 if port in (80, 443) else port
