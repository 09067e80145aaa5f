"""Sources: plug-ins that map web pages to records and links to further pages.

A source is a function `(target, **params) -> pages` that returns the first pages of a
target. A `Page` is a URL and the function that parses its response. The parser yields
records; an `UnreadableItem` for each item that is none; `Page` objects, each the first
page of another listing; and a `NextPage`, the next page of the same listing. So a
source is a few pure functions, without connections, files or state, tested with bytes.
`alcli.data.crawler` fetches the pages, orders the requests and skips known records.

A record has string fields `id` and `text`. Ids begin with a prefix unique to the
source, so that they never collide. Names of people are left out. To add a source,
write `alcli/data/sources/NAME.py` with a function of that name, and its test. A source
with many parameters may be a dataclass whose instances are the pages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from alcli.core.errors import SurroundingsError
from alcli.core.jsonl import Record
from alcli.core.registry import Registry
from alcli.data.sources.common.charset import decode

type ParsedItem = Record | UnreadableItem | Page  # yielded by `Page.read`


class UnreadablePage(SurroundingsError):
    """Unexpected content of a page, such as HTML instead of JSON; it is retried."""


class PageNotFound(UnreadablePage):
    """Page that no longer exists, according to its content; it is not retried."""


@dataclass(frozen=True)
class UnreadableItem:
    """Item of a page that cannot be a record; it is counted, and the crawl goes on.

    problem: message for the user.
    """

    problem: str


@dataclass(frozen=True)
class PageResponse:
    """Downloaded page: its URL after redirects, and the decompressed body.

    charset: name in its Content-Type, or "".
    """

    url: str
    body: bytes
    charset: str = ""

    def text(self, declared: str = "") -> str:
        """Return the decoded body; see `decode`.

        declared: charset that the body itself names, or "".
        """
        return decode(self.body, self.charset, declared)

    def json(self) -> Any:
        """Return the decoded JSON body.

        JSON is UTF-8; the charset of the response counts only if it is not. Invalid
        bytes and lone surrogates become U+FFFD.

        Raises:
            UnreadablePage: the body is not JSON, but often an error page in HTML.
        """
        import msgspec

        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass  # one invalid byte should not cost a page: replace it below
        try:
            values = json.loads(decode(self.body, "utf-8", self.charset))
            text = json.dumps(values, ensure_ascii=False, allow_nan=False)
        except (ValueError, RecursionError) as error:
            html = self.body.lstrip()[:1] == b"<"
            problem = "HTML instead of JSON" if html else f"not JSON: {error}"
            raise UnreadablePage(problem) from error
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return json.loads(whole)


def _no_page() -> None:
    return None


@dataclass(frozen=True)
class Page:
    """First page of a listing.

    url: its URL. read: parser of its response; may raise `UnreadablePage`.
    next_if_failed: function that returns the next page of the listing if this one
    cannot be fetched, or None if the next page is unknown.
    """

    url: str
    read: Callable[[PageResponse], Iterable[ParsedItem]]
    next_if_failed: Callable[[], Page | None] = _no_page


class NextPage(Page):
    """Next page of the listing of the page being read."""


def resolve_link(url: str, link: str) -> str:
    """Return the absolute URL of a link on a page; an invalid link unchanged.

    >>> resolve_link("http://a.test/feed/", "?page=2"), resolve_link("http://a.test/", "http://[")
    ('http://a.test/feed/?page=2', 'http://[')
    """
    try:
        return urljoin(url, link)
    except ValueError:
        return link


sources: Registry[Callable[..., Iterable[Page]]] = Registry("source", __name__)
