"""Error messages for statuses and for errors of the HTTP client."""

from __future__ import annotations

import errno
import ssl
from types import SimpleNamespace

import pytest

pytest.importorskip("aiohttp")

import aiohttp

from alcli.data.crawler.failures import error_failure, retry_after, status_failure

TO = SimpleNamespace(host="a.test", port=80, ssl=True)


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (404, "404 Not Found", "not_found"),
        (410, "410 Gone", "not_found"),
        (403, "403 Forbidden", "unavailable"),
        (304, "304 Not Modified", "unavailable"),
        (204, "204 No Content", "unavailable"),
        (429, "429 Too Many Requests", "transient"),
        (500, "500 Internal Server Error", "transient"),
        (599, "599", "failed"),
    ],
)
def test_statuses_become_messages(status, text, kind):
    failure = status_failure(status, wait=0.0)

    assert (str(failure), failure.kind) == (text, kind)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TimeoutError(), "timed out"),
        (aiohttp.ServerTimeoutError(), "timed out"),
        (aiohttp.ConnectionTimeoutError(), "timed out"),
        (
            aiohttp.ClientConnectorError(TO, OSError(errno.ECONNREFUSED, "refused")),
            "connection refused",
        ),
        (aiohttp.ClientConnectorDNSError(TO, OSError(-2, "unknown")), "host not found"),
        (aiohttp.ClientPayloadError(), "response cut off"),
        (aiohttp.ClientResponseError(None, ()), "invalid response"),
        (aiohttp.ServerDisconnectedError(), "connection lost"),
        (ConnectionResetError(), "connection lost"),
        (
            aiohttp.ClientConnectorCertificateError(TO, ssl.SSLCertVerificationError()),
            "certificate verification failed",
        ),
    ],
)
def test_errors_become_messages(error, text):
    failure = error_failure(error)

    assert (str(failure), failure.kind) == (text, "transient")


def test_an_invalid_url_is_not_retried():
    failure = error_failure(aiohttp.InvalidURL("http://a.test:x/"))

    assert (str(failure), failure.kind) == ("invalid URL: http://a.test:x/", "failed")


@pytest.mark.parametrize(
    ("status", "wait", "kind"),
    [(503, 600, "transient"), (503, 601, "retry_later"), (403, 601, "unavailable")],
)
def test_a_long_wait_matters_only_for_transient_statuses(status, wait, kind):
    assert status_failure(status, wait).kind == kind


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(header, seconds):
    assert retry_after(header) == seconds


def test_a_retry_after_date_in_the_future_is_a_wait():
    assert retry_after("Fri, 31 Dec 9999 23:59:59 GMT") > 1e9
