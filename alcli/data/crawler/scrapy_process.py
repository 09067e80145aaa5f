"""The process that downloads: Scrapy, told from stdin what to fetch.

It obeys robots.txt, keeps its distance, waits and tries again; see `fetcher` for what
it is told and answers. Of Scrapy's parts it has those that are named here: no cookies,
proxies, caches, consoles or files.
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
from alcli.data.crawler.problems import Problem, described
from alcli.data.crawler.ssrf import PublicOnly

MAX_BYTES = 16 << 20  # of one answer, unpacked
_ACCEPT = "application/json, application/atom+xml, application/rss+xml, */*;q=0.5"
_OURS, _SCRAPY = "alcli.data.crawler.middlewares.", "scrapy.downloadermiddlewares."
_answers: BinaryIO | None = None  # a process that downloads has them


class Fetching(Spider):
    """Fetches what it is told to; ends with the process that told it."""

    name = "alcli"

    async def start(self) -> AsyncIterator[Request]:
        """Yield a request for each line of stdin."""
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
            told = json.loads(line)
            meta = {"attempt": told["attempt"], "asked": told["number"]}
            try:
                request = Request(
                    told["url"], self.parse, meta=meta, errback=self.failed
                )
            except ValueError:
                tell("failed", told["number"], problem="no address that can be used")
            else:
                yield request.replace(dont_filter=True)
        os._exit(0)

    def parse(self, response: Response, **_: Any) -> None:
        """Answer with what came."""
        number = response.meta["asked"]
        if response.status == 200:
            tell("answer", number, response.body, url=response.url)
        else:
            problem = Problem.of_status(response)
            tell(problem.kind, number, problem=str(problem))

    def failed(self, failure: Failure) -> None:
        """Answer with what went wrong."""
        request: Request = failure.request  # type: ignore[attr-defined]
        refused = PublicOnly.refused.get(host(request.url))
        problem = described(failure.value, refused)
        text = str(problem) if problem.kind != "bug" else failure.getTraceback()
        tell(problem.kind, request.meta["asked"], problem=text)


def tell(kind: str, number: int, body: bytes = b"", **more: str) -> None:
    """Write an answer; nobody to read it ends us."""
    try:
        head = {"kind": kind, "number": number, "size": len(body), **more}
        assert _answers
        _answers.write(json.dumps(head).encode() + b"\n" + body)
        _answers.flush()
    except BaseException:
        traceback.print_exc()
        os._exit(70)


def settings(job: dict[str, Any]) -> dict[str, Any]:
    """Return Scrapy's settings for a job: the fields of Manners, and `private`."""
    contact = job["contact"]
    agent = f"alcli/{version('alcli')}" + (f" (+{contact})" if contact else "")
    headers = {"Accept": _ACCEPT} | ({"From": contact} if "@" in contact else {})
    return {
        "USER_AGENT": agent,
        "DEFAULT_REQUEST_HEADERS": headers,
        "CONCURRENT_REQUESTS": 100,  # more than it is ever asked for
        "CONCURRENT_REQUESTS_PER_DOMAIN": job["concurrency"],
        "DOWNLOAD_DELAY": job["delay"],
        "DOWNLOAD_DELAY_JITTER": 0.0,  # never less than what was asked for
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": job["delay"],
        "AUTOTHROTTLE_MAX_DELAY": max(60.0, job["delay"]),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": job["concurrency"],
        "DOWNLOAD_TIMEOUT": job["timeout"],
        "DOWNLOAD_MAXSIZE": MAX_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "TWISTED_DNS_RESOLVER": PublicOnly,
        "DOWNLOADER_MIDDLEWARES_BASE": {
            _OURS + "Robots": 100,
            _SCRAPY + "downloadtimeout.DownloadTimeoutMiddleware": 350,
            _SCRAPY + "defaultheaders.DefaultHeadersMiddleware": 400,
            _SCRAPY + "useragent.UserAgentMiddleware": 500,
            _OURS + "Patience": 550,
            _OURS + "SameSite": 560,
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
    """Read the job from the first line of stdin, and begin."""
    job = json.loads(sys.stdin.buffer.readline())
    PublicOnly.exempt = frozenset(job["private"])
    global _answers
    _answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whoever else prints does not mix with the answers
    process = CrawlerProcess(settings(job))
    process.crawl(Fetching)
    process.start(install_signal_handlers=False)
