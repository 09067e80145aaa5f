"""Failures for statuses and for errors of the HTTP client."""

from __future__ import annotations

import errno
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import responses

import aiohttp

from alcli.data.crawler import FetchFailure

MAX_WAIT = 600.0  # seconds; a longer Retry-After ends the crawl
_MAX_HEADER = 1e12  # seconds
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
_TEXTS: dict[type[Exception], str] = {  # the first that applies
    aiohttp.ClientConnectorCertificateError: "certificate verification failed",
    aiohttp.ClientConnectorDNSError: "host not found",
    aiohttp.ClientPayloadError: "response cut off",
    aiohttp.ClientResponseError: "invalid response",
    TimeoutError: "timed out",
}


def status_failure(status: int, wait: float) -> FetchFailure:
    """Return the failure for a status other than 200.

    wait: seconds, as `retry_after` returns them.
    """
    text = f"{status} {responses.get(status, '')}".strip()
    if status in (404, 410):
        return FetchFailure(text, "not_found")
    if status not in _TRANSIENT:
        return FetchFailure(text, "unavailable" if status < 500 else "failed")
    if wait <= MAX_WAIT:
        return FetchFailure(text, "transient")
    text = f"{text}: the server requests a wait of {wait:,.0f} seconds"
    return FetchFailure(text, "retry_later")


def error_failure(error: aiohttp.ClientError | OSError) -> FetchFailure:
    """Return the failure for an error of the HTTP client."""
    if isinstance(error, aiohttp.InvalidURL):
        return FetchFailure(f"invalid URL: {error}")
    if getattr(error, "errno", None) == errno.ECONNREFUSED:
        return FetchFailure("connection refused", "transient")
    texts = (text for kind, text in _TEXTS.items() if isinstance(error, kind))
    return FetchFailure(next(texts, "connection lost"), "transient")


def retry_after(header: str) -> float:
    """Return a Retry-After value, a number of seconds or a date, in seconds."""
    if header.isdecimal():
        return min(float(header), _MAX_HEADER)
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return 0.0
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
