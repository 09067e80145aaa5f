"""Download process: Scrapy, controlled by requests on stdin.

It obeys robots.txt, throttles itself, and retries after transient errors; `fetcher`
documents the protocol. Only the Scrapy components listed here are enabled: no cookies,
proxies, caches, telnet console or feed exports.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import traceback
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any, BinaryIO

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from twisted.python.failure import Failure

from alcli.data.crawler import host
from alcli.data.crawler.problems import FetchError, to_fetch_error
from alcli.data.crawler.ssrf import PublicResolver

MAX_BYTES = 16 << 20  # per response, decompressed
_ACCEPT = "application/json, application/atom+xml, application/rss+xml, */*;q=0.5"
_OURS, _SCRAPY = "alcli.data.crawler.middlewares.", "scrapy.downloadermiddlewares."
_replies: BinaryIO | None = None  # set by main()


class FetchSpider(Spider):
    """Spider that reads requests from stdin and exits at its end."""

    name = "alcli"

    async def start(self) -> AsyncIterator[Request]:
        """Yield a request for each line of stdin."""
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
            message = json.loads(line)
            meta = {"attempt": message["attempt"], "number": message["number"]}
            try:
                request = Request(
                    message["url"], self.parse, meta=meta, errback=self.failed
                )
            except ValueError:
                write_reply("failed", message["number"], problem="invalid URL")
            else:
                yield request.replace(dont_filter=True)
        os._exit(0)

    def parse(self, response: Response, **_: Any) -> None:
        """Write a reply with the body, or with the error for the status."""
        number = response.meta["number"]
        if response.status == 200:
            write_reply("page", number, response.body, url=response.url)
        else:
            problem = FetchError.from_response(response)
            write_reply(problem.kind, number, problem=str(problem))

    def failed(self, failure: Failure) -> None:
        """Write a reply with the error."""
        request: Request = failure.request  # type: ignore[attr-defined]
        refused = PublicResolver.refused.get(host(request.url))
        problem = to_fetch_error(failure.value, refused)
        text = str(problem) if problem.kind != "bug" else failure.getTraceback()
        write_reply(problem.kind, request.meta["number"], problem=text)


def write_reply(kind: str, number: int, body: bytes = b"", **more: str) -> None:
    """Write a reply to stdout.

    Any error, as of a closed pipe, ends the process: nobody reads the replies.
    """
    try:
        head = {"kind": kind, "number": number, "size": len(body), **more}
        assert _replies
        _replies.write(json.dumps(head).encode() + b"\n" + body)
        _replies.flush()
    except BaseException:
        traceback.print_exc()
        os._exit(70)


def settings(job: dict[str, Any]) -> dict[str, Any]:
    """Return the Scrapy settings for a job.

    job: fields of CrawlPolicy, and `private`, the hosts exempt from the SSRF check.
    """
    contact = job["contact"]
    agent = f"alcli/{version('alcli')}" + (f" (+{contact})" if contact else "")
    headers = {"Accept": _ACCEPT} | ({"From": contact} if "@" in contact else {})
    return {
        "USER_AGENT": agent,
        "DEFAULT_REQUEST_HEADERS": headers,
        "CONCURRENT_REQUESTS": 100,  # the frontier limits them
        "CONCURRENT_REQUESTS_PER_DOMAIN": job["concurrency"],
        "DOWNLOAD_DELAY": job["delay"],
        "DOWNLOAD_DELAY_JITTER": 0.0,  # jitter could go below the delay
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": job["delay"],
        "AUTOTHROTTLE_MAX_DELAY": max(60.0, job["delay"]),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": job["concurrency"],
        "DOWNLOAD_TIMEOUT": job["timeout"],
        "DOWNLOAD_MAXSIZE": MAX_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "TWISTED_DNS_RESOLVER": PublicResolver,
        "DOWNLOADER_MIDDLEWARES_BASE": {
            _OURS + "RobotsMiddleware": 100,
            _SCRAPY + "downloadtimeout.DownloadTimeoutMiddleware": 350,
            _SCRAPY + "defaultheaders.DefaultHeadersMiddleware": 400,
            _SCRAPY + "useragent.UserAgentMiddleware": 500,
            _OURS + "RetryMiddleware": 550,
            _OURS + "SameSiteMiddleware": 560,
            _SCRAPY + "httpcompression.HttpCompressionMiddleware": 590,
        },
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {"scrapy.extensions.throttle.AutoThrottle": 0},
        "DOWNLOAD_HANDLERS_BASE": dict.fromkeys(
            ("http", "https"),
            "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler",
        ),
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "LOG_ENABLED": False,
        "ALCLI_JOB": job,
    }


def main() -> None:
    """Read the job from the first line of stdin, and start the spider."""
    job = json.loads(sys.stdin.buffer.readline())
    PublicResolver.exempt = frozenset(job["private"])
    global _replies
    _replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # print() elsewhere must not mix with the replies
    process = CrawlerProcess(settings(job))
    process.crawl(FetchSpider)
    process.start(install_signal_handlers=False)
