"""Items of a JSON API, paginated by {page} in the URL or by links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from alcli.core.errors import UsageError
from alcli.core.ids import fingerprint
from alcli.core.jsonl import Record
from alcli.data.sources import (
    NextPage,
    Page,
    PageResponse,
    ParsedItem,
    UnreadablePage,
    resolve_link,
)

_MISSING = object()


@dataclass(frozen=True)
class _Api:
    """Parameters of an API: its URL, and paths into a response."""

    url: str
    items: str
    id: str
    text: str
    fields: dict[str, str]
    step: int
    last: str
    next: str
    prefix: str


def json_api(
    target: str,
    *,
    items: str = "",
    id: str = "id",
    text: str = "text",
    fields: str = "",
    first: int = 1,
    step: int = 1,
    last: str = "",
    next: str = "",
    prefix: str = "{host}-",
) -> Iterator[Page]:
    """Yield the first page of a listing; each of its items becomes a record.

    target: URL. {page} is replaced by a number from `first` in steps of `step` (for an
    API with an item offset: `first=0`, `step=20`).

    The other parameters are paths into a response, such as `data.reviews` or
    `links.0.href`: names and list indices separated by dots.

    items: list of items; by default the response itself. id, text: fields of an item;
    an empty `id` means a hash of the text. fields: further fields to keep,
    `rate=score.value,created_at`. last: number of the last page; by default a listing
    ends with an empty page, or with one that repeats the page before. next: URL of the
    next page; if missing or null, the listing ends. prefix: prefix of ids; {host} is
    replaced by the host of the URL.

    Raises:
        UsageError: the parameters contradict each other.
    """
    host = urlsplit(target).hostname or ""
    kept = {}
    for field in filter(None, fields.split(",")):
        name, separator, path = field.partition("=")
        kept[name if separator else name.rpartition(".")[2]] = path or name
    numbered = "{page}" in target
    if numbered and next:
        raise UsageError("expected either {page} in the URL or next, not both")
    if last and not numbered:
        raise UsageError("last requires {page} in the URL")
    if step < 1 or first < 0 or not text or {"id", "text", ""} & kept.keys():
        raise UsageError(
            "expected step of at least 1, first of at least 0, a path for text, and "
            "fields other than id and text, as in rate=score.value,created_at"
        )
    prefix = prefix.replace("{host}", host)
    api = _Api(target, items, id, text, kept, step, last, next, prefix)
    if numbered:
        yield _numbered(api, first, (), Page)
    else:
        yield _linked(api, target, Page)


def _numbered(
    api: _Api, number: int, before: tuple[str, ...], kind: type[Page]
) -> Page:
    """Return a numbered page.

    before: ids on the previous page. kind: Page for the first page, else NextPage.
    """
    url = api.url.replace("{page}", str(number))
    return kind(url, partial(_read_numbered, api, number, before))


def _read_numbered(
    api: _Api, number: int, before: tuple[str, ...], response: PageResponse
) -> Iterator[ParsedItem]:
    content = response.json()
    records = _records(api, content)
    yield from records
    ids = tuple(record["id"] for record in records)
    if api.last:
        last = _value_at(content, api.last)
        if not isinstance(last, int):
            raise UnreadablePage(f'no number at "{api.last}" (last)')
        more = number < last
    else:
        more = ids != before  # some APIs repeat their last page for ever
    if records and more:
        yield _numbered(api, number + api.step, ids, NextPage)


def _linked(api: _Api, url: str, kind: type[Page]) -> Page:
    return kind(url, partial(_read_linked, api))


def _read_linked(api: _Api, response: PageResponse) -> Iterator[ParsedItem]:
    content = response.json()
    yield from _records(api, content)
    link = _value_at(content, api.next) if api.next else None
    if isinstance(link, str) and link:
        yield _linked(api, resolve_link(response.url, link), NextPage)


def _records(api: _Api, content: Any) -> list[Record]:
    items = _value_at(content, api.items)
    if not isinstance(items, list):
        raise UnreadablePage(f'no list at "{api.items}" (items)')
    return [_record(api, item) for item in items]


def _record(api: _Api, item: Any) -> Record:
    text = _value_at(item, api.text)
    text = "" if text is None else text
    if not isinstance(text, str):
        raise UnreadablePage(f'item without a string at "{api.text}" (text)')
    id = _value_at(item, api.id) if api.id else fingerprint(text)
    if isinstance(id, bool) or not isinstance(id, int | str) or id == "":
        raise UnreadablePage(f'item without a string or number at "{api.id}" (id)')
    kept = {name: _value_at(item, path) for name, path in api.fields.items()}
    found = {name: value for name, value in kept.items() if value is not _MISSING}
    return {"id": f"{api.prefix}{id}", "text": text} | found


def _value_at(value: Any, path: str) -> Any:
    """Return the value at a path, or _MISSING.

    >>> _value_at({"links": [{"href": "/2"}]}, "links.0.href")
    '/2'
    """
    for step in filter(None, path.split(".")):
        if isinstance(value, dict):
            value = value.get(step, _MISSING)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _MISSING
    return value
