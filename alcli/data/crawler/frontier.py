"""Which page is asked for next, and which records are new.

A list is walked page by page, since one page leads to the next. While that goes on,
items may move: where one is taken out of an early page, all move up, and what moves
from page 3 to page 2 in the wrong moment is on none that was seen. So a list of more
than one page is walked again until that brings nothing new. What is new is told by the
ids alone; so a run that was killed is continued by one that begins again.

Memory: 24 bytes for each id and each list, and the lists that wait, which are few:
what a page names comes before the page after it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from alcli.core.errors import SurroundingsError
from alcli.core.ids import IdSet
from alcli.core.jsonl import Record
from alcli.core.report import log
from alcli.core.step import identity
from alcli.data.crawler import Failure, Site, site
from alcli.data.sources import Answer, Gone, Next, Page, Unreadable

PASSES = 10  # over one list
IN_A_ROW = 10  # pages that fail before all is given up
_LONGEST = 2000  # bytes of an address


class Fetch(Protocol):
    """What brings answers, in any order."""

    def ask(self, number: int, url: str, attempt: int) -> None:
        """Ask for a page; the higher the attempt, the longer it waits first."""
        ...

    def answer(self) -> tuple[int, Answer | Failure]:
        """Wait for the answer to one of the questions."""
        ...


@dataclass(eq=False)
class _List:
    """A list that is being walked; `fresh`: this pass has brought something new."""

    start: Page
    site: Site | None
    passes: int = 0
    fresh: bool = False
    met: set[str] = field(default_factory=set)  # addresses, in this pass


@dataclass(frozen=True, eq=False)
class _Job:
    page: Page
    list: _List
    attempt: int = 0


class Walk:
    """A walk from the first pages; `seen` has the ids that are known, and grows."""

    def __init__(
        self,
        starts: Iterable[Page],
        seen: IdSet,
        *,
        limit: int | None = None,
        retries: int = 5,
    ) -> None:
        self.seen, self.limit, self.retries = seen, limit, retries
        self.pages = self.read = self.gone = 0
        self.failed: dict[str, str] = {}  # by address
        self._in_a_row = 0
        self._ready: deque[_Job] = deque()
        self._lists = IdSet()
        self._starts = list(starts)
        self._begin(self._starts)

    @property
    def room(self) -> int:
        """Return how many records more are wanted."""
        return 1 << 62 if self.limit is None else self.limit - len(self.seen)

    def through(self, fetch: Fetch, window: int = 1) -> Iterator[list[Record]]:
        """Yield the new records of each page; `window` pages are asked for at a time.

        Raises:
            SurroundingsError: too many pages failed in a row, or the server wants to
                be left alone.
        """
        asked: dict[int, _Job] = {}
        number = 0
        while self.room > 0 and (self._ready or asked):
            while self._ready and len(asked) < window:
                job = self._ready.popleft()
                if problem := _problem(job):
                    self._fail(job, Failure(problem))
                else:
                    number += 1
                    asked[number] = job
                    fetch.ask(number, job.page.url, job.attempt)
            if asked:
                which, answer = fetch.answer()
                if records := self._take(asked.pop(which), answer):
                    yield records

    def settle(self) -> None:
        """Raise a SurroundingsError if pages have failed."""
        if self.failed:
            first, *more = self.failed.values()
            count = (
                f"{len(more) + 1} pages failed, the first" if more else "page failed"
            )
            raise SurroundingsError(
                f"{count}: {first}; what was fetched is kept, run it again"
            )

    def _take(self, job: _Job, answer: Answer | Failure) -> list[Record]:
        if isinstance(answer, Failure):
            self._fail(job, answer)
            return []
        try:
            found = list(job.page.read(answer))
        except Gone as problem:
            self._fail(job, Failure(str(problem), "gone"))
            return []
        except Unreadable as problem:
            if job.attempt < self.retries:
                self._ready.appendleft(_Job(job.page, job.list, job.attempt + 1))
            else:
                self._fail(job, Failure(str(problem)))
            return []
        self.pages += 1
        self._in_a_row = 0
        self.failed.pop(job.page.url, None)  # it failed in an earlier pass
        records = [thing for thing in found if isinstance(thing, dict)]
        more = [thing for thing in found if isinstance(thing, Page)]
        new = self._new(records)
        begun = self._begin([p for p in more if not isinstance(p, Next)], job.list.site)
        job.list.fresh |= bool(new or begun)
        self._go_on(job, next((p for p in more if isinstance(p, Next)), None), begun)
        return new

    def _new(self, records: Sequence[Record]) -> list[Record]:
        self.read += len(records)
        room = self.room
        is_new = self.seen.add([identity(r["id"]) for r in records]).tolist()
        new = [r for r, fresh in zip(records, is_new, strict=True) if fresh]
        return new[:room]  # with more the walk is over

    def _begin(self, pages: Sequence[Page], where: Site | None = None) -> int:
        """Put new lists before all that waits; each is begun once.

        where: the site of the page that names them; none is left for another.
        """
        is_new = self._lists.add([page.url for page in pages]).tolist()
        lists = [
            _List(page, where or site(page.url))
            for page, new in zip(pages, is_new, strict=True)
            if new
        ]
        self._ready.extendleft(_Job(found.start, found) for found in reversed(lists))
        return len(lists)

    def _go_on(self, job: _Job, page: Page | None, begun: int = 0) -> None:
        """Put the page that comes next behind the lists that this one has begun."""
        found = job.list
        if page and page.url not in found.met:
            found.met.add(page.url)
            self._ready.insert(begun, _Job(page, found))
            return
        found.passes += 1
        if not (found.met and found.fresh):
            return
        if found.passes >= PASSES:
            log.warning(
                "%s: still moving after %d passes; run it again for the rest",
                found.start.url,
                PASSES,
            )
            return
        found.met.clear()
        found.fresh = False
        self._ready.insert(begun, _Job(found.start, found))

    def _fail(self, job: _Job, why: Failure) -> None:
        text = f"{job.page.url}: {why.problem}"
        if why.kind == "later":
            raise SurroundingsError(f"{text}; what was fetched is kept")
        if why.kind == "gone" and job.page not in self._starts:
            self.gone += 1  # such is life: a list names it no more
        else:
            self.failed[job.page.url] = text
            self._in_a_row += 1
        if self._in_a_row >= IN_A_ROW:
            raise SurroundingsError(
                f"{IN_A_ROW} pages in a row failed, the last: {text}; "
                "what was fetched is kept, run it again"
            )
        self._go_on(job, job.page.after())


def _problem(job: _Job) -> str:
    """Return why a page is not asked for at all."""
    url = job.page.url
    if site(url) is None or site(url) != job.list.site:
        return "leads to another host, which is not followed"
    return "" if len(url.encode()) <= _LONGEST else "an address that is too long"
