"""Polite crawler for the pages of a source.

`frontier` decides which page to request next and which records are new; it has no
network access. `downloader` speaks HTTP, obeys robots.txt and retries; `ssrf` restricts
it to public addresses, `throttle` limits its rate. `fetcher` runs it in a thread.
`redaction` keeps passwords and keys of URLs out of messages.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Literal
from urllib.parse import urlsplit

from alcli.core.errors import UsageError
from alcli.core.settings import setting

type Site = tuple[str, int]
type FailureKind = Literal[
    "failed", "transient", "unavailable", "not_found", "retry_later"
]


@dataclass(frozen=True)
class CrawlPolicy:
    """Politeness settings of a crawl; delay and timeout in seconds.

    Raises:
        UsageError: a number is out of its range; the contact or the token has non-ASCII
            or control characters, which are invalid in an HTTP header; or the variable
            of the token is not set.
    """

    delay: float = setting(
        1.0,
        metavar="SECONDS",
        minimum=0,
        maximum=86_400,
        help="Minimum time between two requests to a host; longer if it is slow.",
    )
    concurrency: int = setting(
        1, metavar="N", minimum=1, maximum=16, help="Maximum number of open requests."
    )
    timeout: float = setting(
        30.0,
        metavar="SECONDS",
        minimum=0,
        open_minimum=True,
        maximum=86_400,
        help="Maximum duration of a request.",
    )
    retries: int = setting(
        5,
        metavar="N",
        minimum=0,
        maximum=100,
        help="Maximum number of retries per page; the wait doubles each time.",
    )
    contact: str = setting(
        "",
        metavar="ADDRESS",
        help="URL or e-mail address to send to the owner of the server.",
    )

    token_variable: str = setting(
        "",
        metavar="NAME",
        help="Environment variable with the token of an API, which is sent to the host "
        "of TARGET as `Authorization: Bearer`, over HTTPS only.",
    )

    def __post_init__(self) -> None:
        for field in fields(self):
            least = field.metadata["setting"].minimum
            most = field.metadata["setting"].maximum
            value = getattr(self, field.name)
            if least is not None and not least <= value <= most:  # NaN is not, either
                raise UsageError(
                    f"{field.name}={value}: expected {least:,} to {most:,}"
                )
        if not self.contact.isascii() or not self.contact.isprintable():
            raise UsageError("--contact: expected printable ASCII characters")
        if self.token_variable and not self.token:  # a typing error may be the token
            raise UsageError("--token-variable: no such environment variable is set")
        if not self.token.isascii() or not self.token.isprintable():
            raise UsageError("--token-variable: expected printable ASCII in its value")

    @property
    def token(self) -> str:
        """Token for the header `Authorization`, or ""."""
        name = self.token_variable
        return os.environ.get(name, "").strip() if name else ""


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
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
    ):
        return None
    return parts.hostname.rstrip("."), 0 if port in (80, 443) else port
