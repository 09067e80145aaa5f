"""What goes wrong, in words."""

import pytest

pytest.importorskip("scrapy")

from scrapy import exceptions
from scrapy.http import Response
from twisted.internet import error as net

from alcli.data.crawler.problems import Problem, described


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (404, "404 Not Found", "gone"),
        (410, "410 Gone", "gone"),
        (403, "403 Forbidden", "failed"),
        (500, "500 Internal Server Error", "failed"),
        (599, "599", "failed"),
    ],
)
def test_statuses(status, text, kind):
    problem = Problem.of_status(Response("http://a.test/", status=status))

    assert (str(problem), problem.kind) == (text, kind)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (exceptions.DownloadTimeoutError(), "no answer in time"),
        (net.TCPTimedOutError(), "no answer in time"),
        (exceptions.DownloadConnectionRefusedError(), "connection refused"),
        (exceptions.CannotResolveHostError(), "no such host"),
        (exceptions.ResponseDataLossError(), "the answer was cut off"),
        (exceptions.DownloadCancelledError(), "too long an answer"),
        (exceptions.IgnoreRequest(), "too long an answer"),
        (net.ConnectionLost(), "the connection was lost"),
        (
            exceptions.DownloadFailedError("[Error: certificate verify failed]"),
            "its certificate cannot be verified",
        ),
        (Problem("its robots.txt forbids it"), "its robots.txt forbids it"),
    ],
)
def test_errors(error, text):
    problem = described(error)

    assert (str(problem), problem.kind) == (text, "failed")


def test_what_nobody_thought_of_is_a_bug():
    assert described(KeyError("x")).kind == "bug"


def test_a_private_address():
    problem = described(exceptions.CannotResolveHostError(), "10.0.0.1")

    assert "private address 10.0.0.1" in str(problem)
