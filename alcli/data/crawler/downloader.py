"""Downloads over HTTP, with robots.txt, retries, and redirects on the same site."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection
from importlib.metadata import version
from urllib.parse import urljoin, urlsplit

import aiohttp
from protego import Protego

from alcli.core.log import log
from alcli.data.crawler import CrawlPolicy, FetchFailure, host, site
from alcli.data.crawler.failures import (
    MAX_WAIT,
    error_failure,
    retry_after,
    status_failure,
)
from alcli.data.crawler.redaction import shown
from alcli.data.crawler.ssrf import PublicResolver, is_private_name
from alcli.data.crawler.throttle import Throttle
from alcli.data.sources import PageResponse, resolve_link
from alcli.data.sources.common.charset import decode

MAX_BYTES = 16 << 20  # per response, decompressed
MAX_REDIRECTS = 5
_LONG_WAIT = 60.0  # seconds; it is logged
_REDIRECTS = {301, 302, 303, 307, 308}
_ACCEPT = "application/json, application/atom+xml, application/rss+xml, */*;q=0.5"


class Downloader:
    """HTTP client that obeys a policy and robots.txt; for use in one event loop.

    exempt: hosts that may have private addresses.
    """

    def __init__(self, policy: CrawlPolicy, exempt: Collection[str]) -> None:
        contact = policy.contact
        agent = f"alcli/{version('alcli')}" + (f" (+{contact})" if contact else "")
        headers = {"User-Agent": agent, "Accept": _ACCEPT}
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=PublicResolver(exempt)),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers | ({"From": contact} if "@" in contact else {}),
            timeout=aiohttp.ClientTimeout(total=policy.timeout),
        )
        self._policy, self._exempt = policy, exempt
        self._throttles: defaultdict[str, Throttle] = defaultdict(
            lambda: Throttle(policy.delay, policy.concurrency)
        )
        self._rules: dict[str, asyncio.Task[Protego]] = {}

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def page(
        self, url: str, attempt: int = 0, *, obey_robots: bool = True
    ) -> PageResponse:
        """Download a page.

        attempt: number of earlier attempts; each doubles the wait, which is the delay
        before the first (1 second if the delay is 0).

        Raises:
            FetchFailure: after the last attempt.
        """
        while True:
            if attempt:
                wait = (self._policy.delay or 1.0) * 2.0**attempt
                await asyncio.sleep(min(MAX_WAIT, wait))
            try:
                return await self._follow(url, obey_robots)
            except FetchFailure as failure:
                if failure.kind != "transient" or attempt >= self._policy.retries:
                    raise
            attempt += 1

    async def _follow(self, url: str, obey_robots: bool) -> PageResponse:
        """Download a page; follow its redirects, unless they lead to another site."""
        for _ in range(MAX_REDIRECTS + 1):
            headers = self._authorization(url) if obey_robots else {}
            if obey_robots:
                await self._check_robots(url)
            reply = await self._get(url, headers)
            if isinstance(reply, PageResponse):
                return reply
            if site(reply) != site(url):
                raise FetchFailure(
                    f"redirects to another host, {shown(reply)}; not followed",
                    "unavailable",
                )
            url = reply
        raise FetchFailure("too many redirects", "unavailable")

    def _authorization(self, url: str) -> dict[str, str]:
        """Return the header with the token, if there is one.

        Raises:
            FetchFailure: others could read the token on its way.
        """
        if not self._policy.token:
            return {}
        if urlsplit(url).scheme != "https" and host(url) not in self._exempt:
            raise FetchFailure("a token is sent over https only; not requested")
        return {"Authorization": f"Bearer {self._policy.token}"}

    async def _get(self, url: str, headers: dict[str, str]) -> PageResponse | str:
        """Send one request; return its response, or the target of a redirect."""
        if is_private_name(host(url)) and host(url) not in self._exempt:
            raise FetchFailure(f"{host(url)} is a private address; not followed")
        throttle = self._throttles[host(url)]
        await throttle.wait()
        start = time.monotonic()
        try:
            async with self._client.get(
                url, headers=headers, allow_redirects=False
            ) as response:
                latency = time.monotonic() - start
                throttle.adjust(latency, success=response.status == 200)
                target = response.headers.get("Location")
                if target and response.status in _REDIRECTS:
                    raw = target.encode(errors="surrogateescape")  # mostly UTF-8
                    return resolve_link(url, raw.decode(errors="replace"))
                if response.status != 200:
                    wait = retry_after(response.headers.get("Retry-After", ""))
                    failure = status_failure(response.status, wait)
                    if failure.kind == "transient":
                        if wait > _LONG_WAIT:
                            text = "%s: %s; waits %d seconds, as the server requests"
                            log.info(text, host(url), failure, wait)
                        throttle.postpone(wait)
                    raise failure
                body = await _read(response)
                return PageResponse(str(response.url), body, response.charset or "")
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            raise error_failure(error) from error

    async def _check_robots(self, url: str) -> None:
        root = urljoin(url, "/")
        if root not in self._rules:  # one task, which all pages of the site await
            self._rules[root] = asyncio.create_task(self._read_robots(root))
        if not (await self._rules[root]).can_fetch(url, "alcli"):
            raise FetchFailure("disallowed by robots.txt")

    async def _read_robots(self, root: str) -> Protego:
        """Read robots.txt (RFC 9309), and obey its Crawl-delay.

        A missing file allows every page; an unreachable one allows none. A longer
        delay than the longest wait is cut to that, with a warning.
        """
        try:
            response = await self.page(f"{root}robots.txt", obey_robots=False)
            text = decode(response.body).replace("\0", "").lstrip("\ufeff")
        except FetchFailure as failure:
            if failure.kind not in ("not_found", "unavailable"):
                text = f"robots.txt is unreachable: {failure}"
                kind = failure.kind if failure.kind == "retry_later" else "failed"
                raise FetchFailure(text, kind) from failure
            text = ""
        rules = Protego.parse(text)
        throttle = self._throttles[host(root)]
        delay = rules.crawl_delay("alcli") or 0.0
        if delay > MAX_WAIT:
            text = "%s: robots.txt requests %s seconds between requests; %d are kept"
            log.warning(text, host(root), f"{delay:,.0f}", MAX_WAIT)
            delay = MAX_WAIT
        throttle.minimum = max(throttle.minimum, delay)
        return rules


async def _read(response: aiohttp.ClientResponse) -> bytes:
    too_long = FetchFailure("response too long")
    if (response.content_length or 0) > MAX_BYTES:
        raise too_long
    body = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > MAX_BYTES:
            raise too_long
    return bytes(body)
