"""What goes wrong between us and a server, in the user's words."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from scrapy import exceptions
from scrapy.http import Response
from twisted.internet import error as net

PASSING = (  # what may be better the next time
    exceptions.CannotResolveHostError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.DownloadFailedError,
    exceptions.DownloadTimeoutError,
    exceptions.ResponseDataLossError,
    net.ConnectError,
    net.ConnectionClosed,
    OSError,
)
PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}


class Problem(exceptions.IgnoreRequest):
    """A page is not had, for a reason that is known; kind: as in `crawling.Failure`."""

    def __init__(self, text: str, kind: str = "failed") -> None:
        super().__init__(text)
        self.kind = kind

    @classmethod
    def of_status(cls, response: Response) -> Problem:
        """Return what an answer with another status than 200 means."""
        status = response.status
        try:
            text = f"{status} {HTTPStatus(status).phrase}"
        except ValueError:
            text = str(status)
        return cls(text, "gone" if status in (404, 410) else "failed")


def described(error: Any, refused: str | None = None) -> Problem:
    """Return an error of Scrapy or Twisted as a problem.

    refused: the address that the host has, if that is not a public one.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, exceptions.CannotResolveHostError) and refused:
        return Problem(f"its host is the private address {refused}; not followed")
    texts = [text for kinds, text in _TEXTS.items() if isinstance(error, kinds)]
    if not texts:
        return Problem(repr(error), "bug")
    unverified = "certificate" in str(error)
    return Problem("its certificate cannot be verified" if unverified else texts[0])


_TEXTS: dict[type[Exception] | tuple[type[Exception], ...], str] = {
    (
        exceptions.DownloadTimeoutError,
        net.TimeoutError,
        net.TCPTimedOutError,
    ): "no answer in time",
    (
        exceptions.DownloadConnectionRefusedError,
        net.ConnectionRefusedError,
    ): "connection refused",
    exceptions.CannotResolveHostError: "no such host",
    exceptions.ResponseDataLossError: "the answer was cut off",
    (exceptions.DownloadCancelledError, exceptions.IgnoreRequest): "too long an answer",
    PASSING: "the connection was lost",
}
