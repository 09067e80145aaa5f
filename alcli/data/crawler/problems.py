"""Error messages for failed requests: statuses, and errors of Scrapy and Twisted."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from scrapy import exceptions
from scrapy.http import Response
from twisted.internet import error as net

TRANSIENT_ERRORS = (  # worth another attempt
    exceptions.CannotResolveHostError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.DownloadFailedError,
    exceptions.DownloadTimeoutError,
    exceptions.ResponseDataLossError,
    net.ConnectError,
    net.ConnectionClosed,
    OSError,
)
TRANSIENT_STATUSES = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}


class FetchError(exceptions.IgnoreRequest):
    """Failed request; its message is for users, `kind` is that of `FetchFailure`."""

    def __init__(self, text: str, kind: str = "failed") -> None:
        super().__init__(text)
        self.kind = kind

    @classmethod
    def from_response(cls, response: Response) -> FetchError:
        """Return the error for a response with a status other than 200."""
        status = response.status
        try:
            text = f"{status} {HTTPStatus(status).phrase}"
        except ValueError:
            text = str(status)
        return cls(text, "not_found" if status in (404, 410) else "failed")


def to_fetch_error(error: Any, refused: str | None = None) -> FetchError:
    """Convert an error of Scrapy or Twisted to a FetchError.

    refused: private address to which the host resolved, if any.
    """
    if isinstance(error, FetchError):
        return error
    if isinstance(error, exceptions.CannotResolveHostError) and refused:
        return FetchError(
            f"host resolves to the private address {refused}; not followed"
        )
    texts = [text for kinds, text in _TEXTS.items() if isinstance(error, kinds)]
    if not texts:
        return FetchError(repr(error), "bug")
    unverified = "certificate" in str(error)
    return FetchError("certificate verification failed" if unverified else texts[0])


_TEXTS: dict[type[Exception] | tuple[type[Exception], ...], str] = {
    (
        exceptions.DownloadTimeoutError,
        net.TimeoutError,
        net.TCPTimedOutError,
    ): "timed out",
    (
        exceptions.DownloadConnectionRefusedError,
        net.ConnectionRefusedError,
    ): "connection refused",
    exceptions.CannotResolveHostError: "host not found",
    exceptions.ResponseDataLossError: "response cut off",
    (exceptions.DownloadCancelledError, exceptions.IgnoreRequest): "response too long",
    TRANSIENT_ERRORS: "connection lost",
}
