"""Comments on digikala.com, by product number, URL or category:SLUG."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from alcli.core.errors import UsageError
from alcli.core.jsonl import Record
from alcli.data.sources import (
    NextPage,
    Page,
    PageNotFound,
    PageResponse,
    ParsedItem,
    UnreadableItem,
    UnreadablePage,
)

_PRODUCT = re.compile(r"(?:dkp-)?([0-9]+)")
_PRODUCT_PATH = re.compile(r"/product/dkp-([0-9]+)(?:/|$)")
_CATEGORY_PATH = re.compile(r"/search/category-([^/]+)/?$")


def digikala(target: str, *, base: str = "https://api.digikala.com") -> Iterator[Page]:
    """Yield the first page of a product or of a category.

    target: `123`, `dkp-123`, the URL of a product or category, or
    `category:mobile-phone`. base: URL of the JSON API.

    A record is a comment: `id` (`digikala-` and its number), `title`, `text`, `rate` (0
    to 5), `created_at` (in the shop's own format), `recommendation`, `likes`,
    `is_buyer`, `product`. The author is left out.

    Raises:
        UsageError: the target is neither a product nor a category.
    """
    kind, name = _parse_target(target)
    first = _category if kind == "category" else _product
    yield first(base.rstrip("/"), name)


def _parse_target(target: str) -> tuple[str, str]:
    if found := _PRODUCT.fullmatch(target):
        return "product", found[1]
    if target.startswith("category:") and target != "category:":
        return "category", target.removeprefix("category:")
    url = urlsplit(target)
    host = url.hostname or ""
    if host == "digikala.com" or host.endswith(".digikala.com"):
        if found := _PRODUCT_PATH.search(url.path):
            return "product", found[1]
        if found := _CATEGORY_PATH.search(url.path):
            return "category", found[1]
    raise UsageError(
        f"{target!r} is not a target of digikala; expected a product's number or URL, "
        "or category:SLUG"
    )


@dataclass(frozen=True)
class _Listing:
    """Pages of comments or products.

    url: URL without the page number. items: field of the response. parse: parser of
    one item.
    """

    url: str
    items: str
    parse: Callable[[Any], ParsedItem]

    def page(self, number: int = 1, last: int = 1) -> Page:
        """Return a page.

        number: of the page, from 1. last: number of the last page, as far as known.
        """
        return (NextPage if number > 1 else Page)(
            f"{self.url}{number}",
            partial(self._read, number),
            lambda: self.page(number + 1, last) if number < last else None,
        )

    def _read(self, number: int, response: PageResponse) -> Iterator[ParsedItem]:
        data = _data(response)
        items = data.get(self.items)
        if not isinstance(items, list):
            raise UnreadablePage(f'no list of "{self.items}" in the response')
        yield from map(self.parse, items)
        if items and number < (last := _last(data)):
            yield self.page(number + 1, last)


def _category(base: str, slug: str) -> Page:
    def product(item: Any) -> Page | UnreadableItem:
        number = _number(item)
        if number is None:
            return UnreadableItem('product without a number at "id"')
        return _product(base, str(number))

    url = f"{base}/v1/categories/{quote(slug, safe='%')}/search/?page="
    return _Listing(url, "products", product).page()


def _product(base: str, product: str) -> Page:
    url = f"{base}/v1/product/{int(product)}/comments/?page="
    return _Listing(url, "comments", partial(_record, int(product))).page()


def _record(product: int, comment: Any) -> Record | UnreadableItem:
    number = _number(comment)
    if number is None:
        return UnreadableItem('comment without a number at "id"')
    title, text = comment.get("title") or "", comment.get("body") or ""
    if not isinstance(title, str) or not isinstance(text, str):
        return UnreadableItem('comment without strings at "title" and "body"')
    reactions = comment.get("reactions")
    return {
        "id": f"digikala-{number}",
        "title": title,
        "text": text,
        "rate": comment.get("rate"),
        "created_at": comment.get("created_at"),
        "recommendation": comment.get("recommendation_status"),
        "likes": reactions.get("likes") if isinstance(reactions, dict) else None,
        "is_buyer": comment.get("is_buyer"),
        "product": product,
    }


def _data(response: PageResponse) -> dict[str, Any]:
    """Return the `data` of a response.

    Errors arrive with HTTP status 200: the real status is a field of the body.
    """
    content = response.json()
    content = content if isinstance(content, dict) else {}
    status, data = content.get("status", 200), content.get("data")
    if status in (404, 410):
        raise PageNotFound(f"status {status}")
    if status != 200:
        raise UnreadablePage(f"status {status} in the response")
    if not isinstance(data, dict):
        raise UnreadablePage('no "data" in the response')
    return data


def _last(data: dict[str, Any]) -> int:
    pager = data.get("pager")
    last = pager.get("total_pages") if isinstance(pager, dict) else None
    if not isinstance(last, int):  # do not lose pages silently
        raise UnreadablePage('no "total_pages" in the response')
    return last


def _number(thing: Any) -> int | None:
    found = thing.get("id") if isinstance(thing, dict) else None
    return found if type(found) is int else None
