"""Comments on products of digikala.com: numbers, addresses, or category:SLUG."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from alcli.core.errors import UsageError
from alcli.core.jsonl import Record
from alcli.data.sources import Answer, Found, Gone, Next, Page, Unreadable

_PRODUCT = re.compile(r"(?:dkp-)?([0-9]+)")
_SHOWN = re.compile(r"/product/dkp-([0-9]+)(?:/|$)")
_LISTED = re.compile(r"/search/category-([^/]+)/?$")


def digikala(target: str, *, base: str = "https://api.digikala.com") -> Iterator[Page]:
    """Yield the first page of what a target names: a product, or a category.

    target: `123`, `dkp-123`, the address of a product or of a category, or
    `category:mobile-phone`. base: the address of the JSON interface.

    A record is a comment: `id` (`digikala-` and its number), `title`, `text`, `rate` (0
    to 5), `created_at` (as the shop writes it), `recommendation`, `likes`, `is_buyer`,
    `product`. Who wrote it is left out.

    Raises:
        UsageError: the target is none of these.
    """
    kind, name = _meaning(target)
    if kind == "category":
        yield _products(base.rstrip("/"), name)
    else:
        yield _comments(base.rstrip("/"), int(name))


def _meaning(target: str) -> tuple[str, str]:
    if found := _PRODUCT.fullmatch(target):
        return "product", found[1]
    if target.startswith("category:") and target != "category:":
        return "category", target.removeprefix("category:")
    address = urlsplit(target)
    host = address.hostname or ""
    if host == "digikala.com" or host.endswith(".digikala.com"):
        if found := _SHOWN.search(address.path):
            return "product", found[1]
        if found := _LISTED.search(address.path):
            return "category", found[1]
    raise UsageError(
        f"{target!r} is no target of digikala; expected a product's number or address, "
        "or category:SLUG"
    )


def _products(base: str, slug: str, number: int = 1, last: int = 1) -> Page:
    """Return a page of a category; `last` is the number of its last one, so far."""
    return (Next if number > 1 else Page)(
        f"{base}/v1/categories/{quote(slug, safe='%')}/search/?page={number}",
        partial(_read_products, base, slug, number),
        lambda: _products(base, slug, number + 1, last) if number < last else None,
    )


def _read_products(
    base: str, slug: str, number: int, answer: Answer
) -> Iterator[Found]:
    data = _data(answer)
    products = _list(data, "products")
    for product in products:
        yield _comments(base, _number(product, "product"))
    if products and number < (last := _last(data)):
        yield _products(base, slug, number + 1, last)


def _comments(base: str, product: int, number: int = 1, last: int = 1) -> Page:
    return (Next if number > 1 else Page)(
        f"{base}/v1/product/{product}/comments/?page={number}",
        partial(_read_comments, base, product, number),
        lambda: _comments(base, product, number + 1, last) if number < last else None,
    )


def _read_comments(
    base: str, product: int, number: int, answer: Answer
) -> Iterator[Found]:
    data = _data(answer)
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


def _data(answer: Answer) -> dict[str, Any]:
    """Return the `data` of an answer, which has a status of its own."""
    content = answer.json()
    content = content if isinstance(content, dict) else {}
    status, data = content.get("status", 200), content.get("data")
    if status in (404, 410):
        raise Gone(f"status {status}")
    if status != 200:
        raise Unreadable(f"status {status} in the answer")
    if not isinstance(data, dict):
        raise Unreadable('no "data" in the answer')
    return data


def _list(data: dict[str, Any], name: str) -> list[Any]:
    found = data.get(name)
    if not isinstance(found, list):
        raise Unreadable(f'no list of "{name}" in the answer')
    return found


def _last(data: dict[str, Any]) -> int:
    pager = data.get("pager")
    last = pager.get("total_pages") if isinstance(pager, dict) else None
    if not isinstance(last, int):  # or pages would be lost without a word
        raise Unreadable('no "total_pages" in the answer')
    return last


def _number(thing: Any, name: str) -> int:
    found = thing.get("id") if isinstance(thing, dict) else None
    if not isinstance(found, int):
        raise Unreadable(f'a {name} without "id"')
    return found
