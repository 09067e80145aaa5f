"""Error messages for statuses and for errors of Scrapy and Twisted."""

import pytest

pytest.importorskip("scrapy")

from scrapy import exceptions
from scrapy.http import Response
from twisted.internet import error as net

from alcli.data.crawler.problems import FetchError, to_fetch_error


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (404, "404 Not Found", "not_found"),
        (410, "410 Gone", "not_found"),
        (403, "403 Forbidden", "failed"),
        (500, "500 Internal Server Error", "failed"),
        (599, "599", "failed"),
    ],
)
def test_statuses_become_messages(status, text, kind):
    problem = FetchError.from_response(Response("http://a.test/", status=status))

    assert (str(problem), problem.kind) == (text, kind)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (exceptions.DownloadTimeoutError(), "timed out"),
        (net.TCPTimedOutError(), "timed out"),
        (exceptions.DownloadConnectionRefusedError(), "connection refused"),
        (exceptions.CannotResolveHostError(), "host not found"),
        (exceptions.ResponseDataLossError(), "response cut off"),
        (exceptions.DownloadCancelledError(), "response too long"),
        (exceptions.IgnoreRequest(), "response too long"),
        (net.ConnectionLost(), "connection lost"),
        (
            exceptions.DownloadFailedError("[Error: certificate verify failed]"),
            "certificate verification failed",
        ),
        (FetchError("disallowed by robots.txt"), "disallowed by robots.txt"),
    ],
)
def test_errors_become_messages(error, text):
    problem = to_fetch_error(error)

    assert (str(problem), problem.kind) == (text, "failed")


def test_unexpected_errors_are_bugs():
    assert to_fetch_error(KeyError("x")).kind == "bug"


def test_a_private_address_is_reported():
    problem = to_fetch_error(exceptions.CannotResolveHostError(), "10.0.0.1")

    assert "private address 10.0.0.1" in str(problem)
