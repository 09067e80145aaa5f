"""Comments on digikala.com, by product number, URL or category:SLUG."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    if kind == "category":
        yield _products(base.rstrip("/"), name)
    else:
        yield _comments(base.rstrip("/"), int(name))


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


def _products(base: str, slug: str, number: int = 1, last: int = 1) -> Page:
    """Return a page of a category.

    number: of the page, from 1. last: number of the last page, as far as known.
    """
    return (NextPage if number > 1 else Page)(
        f"{base}/v1/categories/{quote(slug, safe='%')}/search/?page={number}",
        partial(_read_products, base, slug, number),
        lambda: _products(base, slug, number + 1, last) if number < last else None,
    )


def _read_products(
    base: str, slug: str, number: int, response: PageResponse
) -> Iterator[ParsedItem]:
    data = _data(response)
    products = _list(data, "products")
    for product in products:
        yield _comments(base, _number(product, "product"))
    if products and number < (last := _last(data)):
        yield _products(base, slug, number + 1, last)


def _comments(base: str, product: int, number: int = 1, last: int = 1) -> Page:
    return (NextPage if number > 1 else Page)(
        f"{base}/v1/product/{product}/comments/?page={number}",
        partial(_read_comments, base, product, number),
        lambda: _comments(base, product, number + 1, last) if number < last else None,
    )


def _read_comments(
    base: str, product: int, number: int, response: PageResponse
) -> Iterator[ParsedItem]:
    data = _data(response)
    comments = _list(data, "comments")
    for comment in comments:
        yield _record(comment, product)
    if comments and number < (last := _last(data)):
        yield _comments(base, product, number + 1, last)


def _record(comment: Any, product: int) -> Record:
    number = _number(comment, "comment")
    reactions = comment.get("reactions")
    return {
        "id": f"digikala-{number}",
        "title": comment.get("title") or "",
        "text": comment.get("body") or "",
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


def _list(data: dict[str, Any], name: str) -> list[Any]:
    found = data.get(name)
    if not isinstance(found, list):
        raise UnreadablePage(f'no list of "{name}" in the response')
    return found


def _last(data: dict[str, Any]) -> int:
    pager = data.get("pager")
    last = pager.get("total_pages") if isinstance(pager, dict) else None
    if not isinstance(last, int):  # do not lose pages silently
        raise UnreadablePage('no "total_pages" in the response')
    return last


def _number(thing: Any, name: str) -> int:
    found = thing.get("id") if isinstance(thing, dict) else None
    if not isinstance(found, int):
        raise UnreadablePage(f'a {name} without "id"')
    return found
