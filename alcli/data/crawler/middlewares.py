"""Scrapy middlewares for politeness: robots.txt, retries with backoff, same site."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from alcli.data.crawler import host, site
from alcli.data.crawler.problems import (
    TRANSIENT_ERRORS,
    TRANSIENT_STATUSES,
    FetchError,
    to_fetch_error,
)
from alcli.data.crawler.ssrf import PublicResolver
from alcli.data.sources import resolve_link

MAX_WAIT = 600.0  # seconds; a longer Retry-After ends the crawl
MAX_REDIRECTS = 5
_REDIRECTING = {301, 302, 303, 307, 308}


class _Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.job: dict[str, Any] = crawler.settings["ALCLI_JOB"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Middleware:
        """Return the middleware; called by Scrapy."""
        return cls(crawler)


class RobotsMiddleware(_Middleware):
    """Enforcement of robots.txt (RFC 9309), including its Crawl-delay.

    A missing file allows every page; an unreachable one allows none.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Future[Protego]] = {}

    async def process_request(self, request: Request) -> None:
        """Reject pages that robots.txt disallows.

        Raises:
            FetchError: the page is disallowed, or robots.txt is unreachable.
        """
        if request.meta.get("is_robots"):
            return
        url = urlsplit(request.url)
        root = f"{url.scheme}://{url.netloc}"
        if root not in self._rules:
            self._rules[root] = asyncio.ensure_future(self._read(root))
        rules = await asyncio.shield(self._rules[root])
        if not rules.can_fetch(request.url, "alcli"):
            raise FetchError("disallowed by robots.txt")
        request.meta["crawl_delay"] = rules.crawl_delay("alcli") or 0.0

    async def _read(self, root: str) -> Protego:
        meta = {"is_robots": True, "attempt": 0}
        request = Request(f"{root}/robots.txt", meta=meta)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:
            problem = to_fetch_error(error, PublicResolver.refused.get(host(root)))
            text = f"robots.txt is unreachable: {problem}"
            raise FetchError(text, problem.kind) from error
        if response.status >= 500 or response.status in TRANSIENT_STATUSES:
            problem = FetchError.from_response(response)
            raise FetchError(f"robots.txt is unreachable: {problem}")
        text = response.body.decode(errors="replace") if response.status == 200 else ""
        return Protego.parse(text)


class RetryMiddleware(_Middleware):
    """Retries with exponential backoff after transient errors, and Crawl-delay.

    The n-th wait is 2^n times the delay, in seconds (of 1 second if the delay is 0), or
    the server's Retry-After, which delays every request.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # on the clock of time.monotonic(); one for all, since most crawls have one site
        self._not_before = 0.0
        self._crawl_delay = 0.0

    async def process_request(self, request: Request) -> None:
        """Wait for the backoff of the page, and for the Crawl-delay."""
        if request.meta["attempt"] and not request.meta.get("waited"):
            await asyncio.sleep(self._backoff(request.meta["attempt"]))
        request.meta.pop("waited", None)
        delay = request.meta.get("crawl_delay", 0.0)
        self._crawl_delay = max(self._crawl_delay, delay)
        while (rest := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(rest)
        self._not_before = time.monotonic() + self._crawl_delay

    async def process_response(
        self, request: Request, response: Response
    ) -> Request | Response:
        """Retry after a transient status.

        Raises:
            FetchError: Retry-After is longer than `MAX_WAIT`.
        """
        if response.status not in TRANSIENT_STATUSES:
            return response
        retry_after = _retry_after(response.headers.get("Retry-After"))
        if retry_after > MAX_WAIT:
            problem = FetchError.from_response(response)
            raise FetchError(
                f"{problem}: the server requests a wait of {retry_after:,.0f} seconds",
                "retry_later",
            )
        return await self._retry(request, retry_after) or response

    async def process_exception(
        self, request: Request, exception: Exception
    ) -> Request | None:
        """Retry after a transient error."""
        if not isinstance(exception, TRANSIENT_ERRORS):
            return None
        if host(request.url) in PublicResolver.refused:
            return None
        return await self._retry(request, 0.0)

    async def _retry(self, request: Request, retry_after: float) -> Request | None:
        attempt = request.meta["attempt"] + 1
        if attempt > self.job["retries"]:
            return None
        self._not_before = max(self._not_before, time.monotonic() + retry_after)
        await asyncio.sleep(max(retry_after, self._backoff(attempt)))
        meta = request.meta | {"attempt": attempt, "waited": True}
        return request.replace(meta=meta, dont_filter=True)

    def _backoff(self, attempt: int) -> float:
        return min(MAX_WAIT, (self.job["delay"] or 1.0) * 2.0**attempt)


def _retry_after(value: bytes | None) -> float:
    """Return a Retry-After value, a number of seconds or a date, in seconds."""
    text = (value or b"").decode("latin-1").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class SameSiteMiddleware(_Middleware):
    """Redirects within a site; redirects to another host or port are errors."""

    def process_response(
        self, request: Request, response: Response
    ) -> Request | Response:
        """Return the request for the target of a redirect.

        Raises:
            FetchError: the target is on another site, or redirects are too many.
        """
        target = response.headers.get("Location")
        if response.status not in _REDIRECTING or not target:
            return response
        url = resolve_link(request.url, target.decode("latin-1"))
        if site(url) != site(request.url):
            if request.meta.get("is_robots"):
                return response  # as if missing (RFC 9309, 2.3.1.2)
            raise FetchError(f"redirects to another host, {url[:200]}; not followed")
        redirects = request.meta.get("redirects", 0) + 1
        if redirects > MAX_REDIRECTS:
            raise FetchError("too many redirects")
        meta = request.meta | {"redirects": redirects, "waited": True}
        return request.replace(url=url, meta=meta, dont_filter=True)
