"""Any list in JSON pages: an address with {page}, or one that leads to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from alcli.core.errors import UsageError
from alcli.core.ids import fingerprint
from alcli.core.jsonl import Record
from alcli.data.sources import Answer, Found, Next, Page, Unreadable, joined

_MISSING = object()


@dataclass(frozen=True)
class _Shape:
    """The parameters: where things stand in an answer."""

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
    """Yield the first page of a list of items, each of which becomes a record.

    target: an address; {page} in it stands for a number that begins with `first` and
    grows by `step` (for interfaces that count items: `first=0`, `step=20`).

    The others are paths into an answer, such as `data.reviews` or `links.0.href`: names
    and places parted by dots. items: the list; the answer itself where it is empty. id,
    text: within an item; where `id` is empty, a hash of the text is the id. fields:
    what else is kept, `rate=score.value,created_at`. last: the number of the last page;
    without it a list ends with an empty page, or one that repeats the page before it.
    next: the address of the next page; where it is missing or null, the list ends.
    prefix: what ids begin with; {host} stands for that of the address.

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
        raise UsageError("either {page} in the address or next, not both")
    if last and not numbered:
        raise UsageError("last needs {page} in the address")
    if step < 1 or first < 0 or not text or {"id", "text", ""} & kept.keys():
        raise UsageError(
            "expected step of 1 or more, first of 0 or more, a path of the text, and "
            "fields other than id and text: rate=score.value,created_at"
        )
    prefix = prefix.replace("{host}", host)
    shape = _Shape(target, items, id, text, kept, step, last, next, prefix)
    if numbered:
        yield _numbered(shape, first, (), Page)
    else:
        yield _linked(shape, target, Page)


def _numbered(
    shape: _Shape, number: int, before: tuple[str, ...], kind: type[Page]
) -> Page:
    """Return a numbered page; `before` are the ids of the page before it."""
    url = shape.url.replace("{page}", str(number))
    return kind(url, partial(_read_numbered, shape, number, before))


def _read_numbered(
    shape: _Shape, number: int, before: tuple[str, ...], answer: Answer
) -> Iterator[Found]:
    content = answer.json()
    records = _records(shape, content)
    yield from records
    ids = tuple(record["id"] for record in records)
    if shape.last:
        last = _at(content, shape.last)
        if not isinstance(last, int):
            raise Unreadable(f'no number at "{shape.last}" (last)')
        more = number < last
    else:
        more = ids != before  # some repeat their last page for ever
    if records and more:
        yield _numbered(shape, number + shape.step, ids, Next)


def _linked(shape: _Shape, url: str, kind: type[Page]) -> Page:
    return kind(url, partial(_read_linked, shape))


def _read_linked(shape: _Shape, answer: Answer) -> Iterator[Found]:
    content = answer.json()
    yield from _records(shape, content)
    link = _at(content, shape.next) if shape.next else None
    if isinstance(link, str) and link:
        yield _linked(shape, joined(answer.url, link), Next)


def _records(shape: _Shape, content: Any) -> list[Record]:
    items = _at(content, shape.items)
    if not isinstance(items, list):
        raise Unreadable(f'no list at "{shape.items}" (items)')
    return [_record(shape, item) for item in items]


def _record(shape: _Shape, item: Any) -> Record:
    text = _at(item, shape.text)
    text = "" if text is None else text
    if not isinstance(text, str):
        raise Unreadable(f'an item without a string at "{shape.text}" (text)')
    id = _at(item, shape.id) if shape.id else fingerprint(text)
    if isinstance(id, bool) or not isinstance(id, int | str) or id == "":
        raise Unreadable(f'an item without a string or number at "{shape.id}" (id)')
    kept = {name: _at(item, path) for name, path in shape.fields.items()}
    found = {name: value for name, value in kept.items() if value is not _MISSING}
    return {"id": f"{shape.prefix}{id}", "text": text} | found


def _at(value: Any, path: str) -> Any:
    """Return what stands at a path, or _MISSING.

    >>> _at({"links": [{"href": "/2"}]}, "links.0.href")
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
