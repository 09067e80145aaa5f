"""Paginated listing whose items move while it is read.

Each page of a listing links to the next, so a listing is read page by page. Meanwhile
its items may move: after a deletion on an early page, every later item moves up, and an
item that moves from page 3 to page 2 between the two requests is never seen. A listing
of several pages is therefore read again until a pass finds nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from alcli.core.ids import IdSet
from alcli.core.log import log
from alcli.data.crawler import Site
from alcli.data.crawler.redaction import shown
from alcli.data.sources import Page

MAX_PASSES = 10
MAX_REPETITIVE_PAGES = 20  # in a row, of items that earlier pages of the pass had


@dataclass(eq=False)
class PaginatedListing:
    """Listing in progress.

    site: every page must be on it. passes: completed passes. found_new: whether the
    current pass found a new record or listing. visited, items: URLs, and ids of items,
    in the current pass. repetitive: number of pages in a row without an item that is
    new to the pass; a trap of endless pages has no other.
    """

    start: Page
    site: Site | None
    passes: int = 0
    found_new: bool = False
    visited: set[str] = field(default_factory=set)
    items: IdSet = field(default_factory=IdSet)
    repetitive: int = 0

    def add(self, items: Sequence[str]) -> None:
        """Add the ids of a page's items, for the detection of endless pages."""
        new = bool(items) and self.items.add(items).any()
        self.repetitive = 0 if new else self.repetitive + 1

    def following(self, page: Page | None) -> Page | None:
        """Return the page to read next: `page`, the start for another pass, or None.

        page: next page, if there is one.
        """
        if page and self.repetitive >= MAX_REPETITIVE_PAGES:
            log.warning(
                "%s: nothing new on %d pages in a row; later pages are not read",
                shown(self.start.url),
                MAX_REPETITIVE_PAGES,
            )
        elif page and page.url not in self.visited:
            self.visited.add(page.url)
            return page
        self.passes += 1
        if not (self.visited and self.found_new):
            return None
        if self.passes >= MAX_PASSES:
            log.warning(
                "%s: still new items after %d passes; run the command again",
                shown(self.start.url),
                MAX_PASSES,
            )
            return None
        self.visited.clear()
        self.items, self.repetitive = IdSet(), 0
        self.found_new = False
        return self.start
