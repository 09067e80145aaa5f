"""Polite crawler for the pages of a source, the only importer of Scrapy.

`frontier` decides which page to request next and which records are new; it has no
network access. `fetcher` starts a child process in which Scrapy downloads
(`scrapy_process`), because a Twisted reactor runs once per process and installs signal
handlers. The child keeps no state, so killing it is safe at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

type Site = tuple[str, int]


@dataclass(frozen=True)
class CrawlPolicy:
    """Politeness settings of a crawl.

    delay: minimum seconds between two requests. concurrency: maximum number of requests
    in flight. timeout: seconds until a request fails. retries: maximum number per page,
    after transient errors (429, 5xx, lost connection, unreadable page). contact: URL
    or e-mail address sent with each request, for the server's owner.
    """

    delay: float = 1.0
    concurrency: int = 1
    timeout: float = 30.0
    retries: int = 5
    contact: str = ""


@dataclass(frozen=True)
class FetchFailure:
    """Reason for a failed request.

    problem: message for the user. kind: "not_found" is status 404 or 410;
    "retry_later" is a Retry-After longer than the crawler waits; "bug" is an unexpected
    exception.
    """

    problem: str
    kind: Literal["failed", "not_found", "retry_later", "bug"] = "failed"


def host(url: str) -> str:
    """Return the host of a URL in lower case, or ""."""
    return urlsplit(url).hostname or ""


def site(url: str) -> Site | None:
    """Return the host and port of a web address; None for any other URL.

    The default ports of HTTP and HTTPS are both 0, so that a redirect from one to the
    other stays on the site. URLs with a user name or password are not accepted.

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
