"""Where records come from: what a page says, and which pages come after it.

A source is a function `(target, **params) -> pages`: the pages that a target begins
with. A `Page` is an address and the function that reads its answer; reading yields
records, further pages, each the first of a list of its own, and `Next`, with which the
same list goes on. So a source is a few pure functions: it opens no connection and no
file, remembers nothing, and is tested with bytes. How pages are fetched, in which
order, and what is known already is the business of `alcli.data.crawler`.

A record has `id` and `text`, both strings; ids of two sources never collide, so they
begin with what nobody else's do. Names of people are left out. To add a source, write
`alcli/data/sources/NAME.py` with a function of that name, and its test.
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

type Found = Record | Page


class Unreadable(SurroundingsError):
    """An answer is not what its page should be; it is asked for again."""


class Gone(Unreadable):
    """An answer says that the page is no more; it is not asked for again."""


@dataclass(frozen=True)
class Answer:
    """What came for a page: its address after redirects, and the unpacked body."""

    url: str
    body: bytes

    def json(self) -> Any:
        """Return the values of a JSON body; letters that are broken become U+FFFD.

        Raises:
            Unreadable: it is none; often it is a page that says why, in HTML.
        """
        import msgspec

        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass  # one broken letter is no reason to lose a page
        try:
            values = json.loads(self.body.decode("utf-8-sig", "replace"))
            text = json.dumps(values, ensure_ascii=False, allow_nan=False)
        except (ValueError, RecursionError) as error:
            html = self.body.lstrip()[:1] == b"<"
            problem = "HTML in place of JSON" if html else f"not JSON: {error}"
            raise Unreadable(problem) from error
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return json.loads(whole)


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Page:
    """An address, and what reads its answer; the first page of a list.

    read: may raise `Unreadable`. after: returns the page with which the list goes on,
    where that is known, should this one not be had.
    """

    url: str
    read: Callable[[Answer], Iterable[Found]]
    after: Callable[[], Page | None] = _nothing


class Next(Page):
    """The page with which the list of the page that is being read goes on."""


def joined(url: str, link: str) -> str:
    """Return where a link on a page leads; as it is, where that is nowhere.

    >>> joined("http://a.test/feed/", "?page=2"), joined("http://a.test/", "http://[")
    ('http://a.test/feed/?page=2', 'http://[')
    """
    try:
        return urljoin(url, link)
    except ValueError:
        return link


sources: Registry[Callable[..., Iterable[Page]]] = Registry("source", __name__)
