"""What makes Scrapy polite: robots.txt, patience, and staying on the site."""

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
from alcli.data.crawler.problems import PASSING, PASSING_STATUS, Problem, described
from alcli.data.crawler.ssrf import PublicOnly
from alcli.data.sources import joined

LONGEST_WAIT = 600.0  # seconds; who wants more is left alone
REDIRECTS = 5
_REDIRECTING = {301, 302, 303, 307, 308}


class _Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.job: dict[str, Any] = crawler.settings["ALCLI_JOB"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Middleware:
        """Do what Scrapy asks of a middleware."""
        return cls(crawler)


class Robots(_Middleware):
    """Obeys robots.txt (RFC 9309), and the delay that it asks for.

    Where there is none, all is allowed; where it cannot be had, nothing is.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Future[Protego]] = {}

    async def process_request(self, request: Request) -> None:
        """Refuse what the site does not want fetched."""
        if request.meta.get("is_robots"):
            return
        url = urlsplit(request.url)
        root = f"{url.scheme}://{url.netloc}"
        if root not in self._rules:
            self._rules[root] = asyncio.ensure_future(self._read(root))
        rules = await asyncio.shield(self._rules[root])
        if not rules.can_fetch(request.url, "alcli"):
            raise Problem("its robots.txt forbids it")
        request.meta["distance"] = rules.crawl_delay("alcli") or 0.0

    async def _read(self, root: str) -> Protego:
        meta = {"is_robots": True, "attempt": 0}
        request = Request(f"{root}/robots.txt", meta=meta)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:
            problem = described(error, PublicOnly.refused.get(host(root)))
            text = f"robots.txt cannot be had: {problem}"
            raise Problem(text, problem.kind) from error
        if response.status >= 500 or response.status in PASSING_STATUS:
            problem = Problem.of_status(response)
            raise Problem(f"robots.txt cannot be had: {problem}")
        text = response.body.decode(errors="replace") if response.status == 200 else ""
        return Protego.parse(text)


class Patience(_Middleware):
    """Waits and tries again after what may pass, and keeps the distance asked for.

    The n-th wait is 2^n times the delay (that of 1 second where there is none), or
    what the server says in Retry-After; then the whole site waits.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._not_before = 0.0  # by time.monotonic; one site is the rule
        self._distance = 0.0

    async def process_request(self, request: Request) -> None:
        """Wait for the turn."""
        if request.meta["attempt"] and not request.meta.get("waited"):
            await asyncio.sleep(self._pause(request.meta["attempt"]))
        request.meta.pop("waited", None)
        self._distance = max(self._distance, request.meta.get("distance", 0.0))
        while (rest := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(rest)
        self._not_before = time.monotonic() + self._distance

    async def process_response(
        self, request: Request, response: Response
    ) -> Request | Response:
        """Try again after a status that may pass."""
        if response.status not in PASSING_STATUS:
            return response
        told = _retry_after(response.headers.get("Retry-After"))
        if told > LONGEST_WAIT:
            problem = Problem.of_status(response)
            raise Problem(
                f"{problem}: the server wants to be left alone for {told:,.0f} seconds",
                "later",
            )
        return await self._again(request, told) or response

    async def process_exception(
        self, request: Request, exception: Exception
    ) -> Request | None:
        """Try again after an error that may pass."""
        if not isinstance(exception, PASSING):
            return None
        if host(request.url) in PublicOnly.refused:
            return None
        return await self._again(request, 0.0)

    async def _again(self, request: Request, told: float) -> Request | None:
        attempt = request.meta["attempt"] + 1
        if attempt > self.job["retries"]:
            return None
        self._not_before = max(self._not_before, time.monotonic() + told)
        await asyncio.sleep(max(told, self._pause(attempt)))
        meta = request.meta | {"attempt": attempt, "waited": True}
        return request.replace(meta=meta, dont_filter=True)

    def _pause(self, attempt: int) -> float:
        return min(LONGEST_WAIT, (self.job["delay"] or 1.0) * 2.0**attempt)


def _retry_after(value: bytes | None) -> float:
    """Return seconds, which are given as such or as a date."""
    text = (value or b"").decode("latin-1").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class SameSite(_Middleware):
    """Follows redirects, but to no other host or port."""

    def process_response(
        self, request: Request, response: Response
    ) -> Request | Response:
        """Return the request that a redirect asks for."""
        target = response.headers.get("Location")
        if response.status not in _REDIRECTING or not target:
            return response
        url = joined(request.url, target.decode("latin-1"))
        if site(url) != site(request.url):
            if request.meta.get("is_robots"):
                return response  # as if there were none (RFC 9309, 2.3.1.2)
            raise Problem(f"redirects to {url[:200]}, another host; not followed")
        turns = request.meta.get("turns", 0) + 1
        if turns > REDIRECTS:
            raise Problem("redirects for ever")
        meta = request.meta | {"turns": turns, "waited": True}
        return request.replace(url=url, meta=meta, dont_filter=True)
