"""Fetcher of the frontier: runs the downloader in a thread.

A thread with an event loop lets downloads go on while the caller handles records, and
works where the caller has an event loop already, as in a notebook.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Self

from alcli.data.crawler import CrawlPolicy, FetchFailure, host
from alcli.data.crawler.downloader import Downloader
from alcli.data.crawler.ssrf import is_private_name
from alcli.data.sources import PageResponse


class Fetcher:
    """Page fetcher; a context manager. Replies arrive in any order.

    urls: URLs named by the user; only their hosts may have private addresses.
    """

    def __init__(self, urls: Iterable[str], policy: CrawlPolicy) -> None:
        self._policy = policy
        self._exempt = frozenset(filter(is_private_name, map(host, urls)))
        self._replies: SimpleQueue[
            tuple[int, PageResponse | FetchFailure | BaseException]
        ] = SimpleQueue()

    def __enter__(self) -> Self:
        """Start the thread."""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(
            target=self._loop.run_forever, name="alcli fetcher", daemon=True
        )
        self._thread.start()
        self._downloader = self._run(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        """Cancel all downloads, and end the thread."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def request(self, number: int, url: str, attempt: int) -> None:
        """Request a page.

        number: identifier of the request, repeated in its reply. attempt: number of
        earlier attempts; the delay before the download grows with it.
        """
        asyncio.run_coroutine_threadsafe(self._reply(number, url, attempt), self._loop)

    def receive(self) -> tuple[int, PageResponse | FetchFailure]:
        """Wait for a reply; return the number of its request and the result."""
        number, reply = self._replies.get()
        if isinstance(reply, PageResponse | FetchFailure):
            return number, reply
        raise reply

    async def _reply(self, number: int, url: str, attempt: int) -> None:
        try:
            self._replies.put((number, await self._downloader.page(url, attempt)))
        except Exception as error:  # for receive(), also if it is a bug
            self._replies.put((number, error))

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self) -> Downloader:
        return Downloader(self._policy, self._exempt)

    async def _close(self) -> None:
        downloads = asyncio.all_tasks() - {asyncio.current_task()}
        for task in downloads:
            task.cancel()
        await asyncio.gather(*downloads, return_exceptions=True)
        await self._downloader.close()
