"""Crawl frontier: the queue of pages to request, and the filter for new records.

A record is new if its id is; so a crawl that was killed continues when the command is
run again.

Memory: 48 bytes per id and 24 per listing, and the queue, which is short: the listings
that a page links to are read before the page after it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alcli.core.errors import SurroundingsError
from alcli.core.ids import IdSet
from alcli.core.jsonl import Record
from alcli.core.log import log
from alcli.core.step import identity
from alcli.data.crawler import FetchFailure, Site, site
from alcli.data.crawler.listing import PaginatedListing
from alcli.data.crawler.redaction import redact, shown
from alcli.data.sources import (
    NextPage,
    Page,
    PageNotFound,
    PageResponse,
    ParsedItem,
    UnreadableItem,
    UnreadablePage,
)

if TYPE_CHECKING:
    from alcli.data.crawler.fetcher import Fetcher  # tests pass another

MAX_CONSECUTIVE_FAILURES = 10  # pages; then the crawl ends
_MAX_URL_BYTES = 2000


@dataclass(frozen=True, eq=False)
class _Job:
    page: Page
    listing: PaginatedListing
    attempt: int = 0


class Frontier:
    """Crawl from the first pages of a source.

    starts: first page of each listing named by the user. seen: ids of known records;
    those of new records are added. limit: number of ids in `seen` at which the crawl
    ends. retries: maximum number of retries of an unreadable page.

    Attributes: pages, number of pages read; read, number of records on them;
    unreadable, number of other items on them, in the first pass; not_found, number of
    linked pages with status 404 or 410; failed, message per URL.
    """

    def __init__(
        self,
        starts: Iterable[Page],
        seen: IdSet,
        *,
        limit: int | None = None,
        retries: int = 5,
    ) -> None:
        self.seen, self.limit, self.retries = seen, limit, retries
        self.pages = self.read = self.unreadable = self.not_found = 0
        self.failed: dict[str, str] = {}
        self._first_unreadable = ""
        self._consecutive_failures = 0
        self._queue: deque[_Job] = deque()
        self._listing_urls = IdSet()
        self._starts = list(starts)
        self._add_listings(self._starts)

    @property
    def remaining(self) -> int:
        """Return the number of records up to the limit."""
        return 1 << 62 if self.limit is None else self.limit - len(self.seen)

    def crawl(self, fetcher: Fetcher, window: int = 1) -> Iterator[list[Record]]:
        """Yield the new records of each page.

        window: maximum number of requests in flight.

        Raises:
            SurroundingsError: too many consecutive pages failed, or the server asks for
                a longer wait than the crawler's maximum.
        """
        pending: dict[int, _Job] = {}
        number = 0
        while self.remaining > 0 and (self._queue or pending):
            while self._queue and len(pending) < window:
                job = self._queue.popleft()
                if problem := _rejection(job):
                    self._fail(job, FetchFailure(problem))
                else:
                    number += 1
                    pending[number] = job
                    fetcher.request(number, job.page.url, job.attempt)
            if pending:
                answered, reply = fetcher.receive()
                if records := self._handle(pending.pop(answered), reply):
                    yield records

    def raise_failures(self) -> None:
        """Raise an error if any page failed, or if there were unreadable items only.

        Raises:
            SurroundingsError: with the number of failed pages and the first message.
        """
        if self._first_unreadable and not self.read:
            raise SurroundingsError(
                f"no item could be read, the first: {self._first_unreadable}"
            )
        if self.failed:
            first, *more = self.failed.values()
            count = (
                f"{len(more) + 1} pages failed, the first" if more else "page failed"
            )
            raise SurroundingsError(
                f"{count}: {first}; fetched records are kept, run the command again"
            )

    def _handle(self, job: _Job, reply: PageResponse | FetchFailure) -> list[Record]:
        items: list[ParsedItem] = []
        if isinstance(reply, PageResponse):
            try:
                items = list(job.page.read(reply))
            except PageNotFound as problem:
                reply = FetchFailure(str(problem), "not_found")
            except UnreadablePage as problem:
                if job.attempt < self.retries:
                    self._queue.appendleft(replace(job, attempt=job.attempt + 1))
                    return []
                reply = FetchFailure(str(problem))
        if isinstance(reply, FetchFailure):
            self._fail(job, reply)
            return []
        self.pages += 1
        self.failed.pop(job.page.url, None)  # may have failed in an earlier pass
        records = [item for item in items if isinstance(item, dict)]
        links = [item for item in items if isinstance(item, Page)]
        listings = [page for page in links if not isinstance(page, NextPage)]
        next_page = next((page for page in links if isinstance(page, NextPage)), None)
        new = self._new_records(records)
        self._leave_out(job, [i for i in items if isinstance(i, UnreadableItem)])
        added = self._add_listings(listings, job.listing.site)
        job.listing.found_new |= bool(new or added)
        ids = [identity(record["id"]) for record in records]
        job.listing.add([*ids, *(page.url for page in listings)])
        self._advance(job, next_page, added)
        return new

    def _new_records(self, records: Sequence[Record]) -> list[Record]:
        self.read += len(records)
        remaining = self.remaining
        is_new = self.seen.add([identity(r["id"]) for r in records]).tolist()
        new = [r for r, flag in zip(records, is_new, strict=True) if flag]
        return new[:remaining]  # the crawl ends if there are more

    def _leave_out(self, job: _Job, items: Sequence[UnreadableItem]) -> None:
        """Count unreadable items; the page failed if there has been no other item."""
        if not items or self.read:
            self._consecutive_failures = 0
        if not items:
            return
        if job.listing.passes == 0:
            self.unreadable += len(items)
        if not self._first_unreadable:
            text = f"{shown(job.page.url)}: {redact(items[0].problem)}"
            self._first_unreadable = text
            log.warning("%s; such items are left out and counted", text)
        if not self.read:
            self._count_failure(self._first_unreadable)

    def _add_listings(self, starts: Sequence[Page], parent: Site | None = None) -> int:
        """Queue new listings in front; return their number.

        parent: site of the page that links to them, which they must not leave.
        """
        is_new = self._listing_urls.add([page.url for page in starts]).tolist()
        listings = [
            PaginatedListing(page, parent or site(page.url))
            for page, new in zip(starts, is_new, strict=True)
            if new
        ]
        jobs = [_Job(listing.start, listing) for listing in listings]
        self._queue.extendleft(reversed(jobs))
        return len(listings)

    def _advance(self, job: _Job, page: Page | None, added: int = 0) -> None:
        """Queue the page that follows in the listing of a job.

        added: number of listings that the job queued in front, read before the page.
        """
        if following := job.listing.following(page):
            self._queue.insert(added, _Job(following, job.listing))

    def _fail(self, job: _Job, failure: FetchFailure) -> None:
        text = f"{shown(job.page.url)}: {redact(str(failure))}"
        if failure.kind == "retry_later":
            raise SurroundingsError(f"{text}; fetched records are kept")
        if failure.kind == "not_found" and job.page not in self._starts:
            self.not_found += 1  # not an error: deleted after the listing was read
        else:
            self.failed[job.page.url] = text
            self._count_failure(text)
        self._advance(job, job.page.next_if_failed())

    def _count_failure(self, text: str) -> None:
        self._consecutive_failures += 1
        if self._consecutive_failures >= MAX_CONSECUTIVE_FAILURES:
            raise SurroundingsError(
                f"{MAX_CONSECUTIVE_FAILURES} consecutive pages failed, the last: "
                f"{text}; fetched records are kept, run the command again"
            )


def _rejection(job: _Job) -> str:
    """Return the reason not to request a page, or ""."""
    url = job.page.url
    if site(url) is None or site(url) != job.listing.site:
        return "links to another host; not followed"
    return "" if len(url.encode()) <= _MAX_URL_BYTES else "URL too long"
