"""Polite crawler for the pages of a source.

`frontier` decides which page to request next and which records are new; it has no
network access. `downloader` speaks HTTP, obeys robots.txt and retries; `ssrf` restricts
it to public addresses, `throttle` limits its rate. `fetcher` runs it in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

type Site = tuple[str, int]
type FailureKind = Literal[
    "failed", "transient", "unavailable", "not_found", "retry_later"
]


@dataclass(frozen=True)
class CrawlPolicy:
    """Politeness settings of a crawl.

    delay: minimum seconds between two requests to a host. concurrency: maximum number
    of requests in flight. timeout: seconds until a request fails. retries: maximum
    number per page, after transient errors (429, 5xx, lost connection, unreadable
    page). contact: URL or e-mail address sent to the server's owner with each request.
    """

    delay: float = 1.0
    concurrency: int = 1
    timeout: float = 30.0
    retries: int = 5
    contact: str = ""


class FetchFailure(Exception):
    """Failed request; its text is a message for the user.

    kind: "transient" is worth another attempt; "not_found" is status 404 or 410;
    "unavailable" is any other answer without a page (RFC 9309, 2.3.1.3); "retry_later"
    is a Retry-After longer than the crawler waits.
    """

    def __init__(self, problem: str, kind: FailureKind = "failed") -> None:
        super().__init__(problem)
        self.kind = kind


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
