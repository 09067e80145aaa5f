"""Items of a JSON API, paginated by {page} in the URL or by links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cached_property, partial
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
    UnreadableItem,
    UnreadablePage,
    resolve_link,
)

_MISSING = object()


@dataclass(frozen=True)
class json_api:  # named as the file: in place of a function of ten parameters
    """Listing of a JSON API, as its first page; each of its items becomes a record.

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

    target: str
    _: KW_ONLY
    items: str = ""
    id: str = "id"
    text: str = "text"
    fields: str = ""
    first: int = 1
    step: int = 1
    last: str = ""
    next: str = ""
    prefix: str = "{host}-"

    def __post_init__(self) -> None:
        if self._numbered and self.next:
            raise UsageError("expected either {page} in the URL or next, not both")
        if self.last and not self._numbered:
            raise UsageError("last requires {page} in the URL")
        reserved = {"id", "text", ""} & self._kept.keys()
        if self.step < 1 or self.first < 0 or not self.text or reserved:
            raise UsageError(
                "expected step of at least 1, first of at least 0, a path for text, "
                "and fields other than id and text, as in rate=score.value,created_at"
            )

    def __iter__(self) -> Iterator[Page]:
        if self._numbered:
            yield self._numbered_page(self.first, (), Page)
        else:
            yield Page(self.target, self._read_linked)

    @property
    def _numbered(self) -> bool:
        return "{page}" in self.target

    @cached_property
    def _kept(self) -> dict[str, str]:
        """Map the name of each field to keep to its path."""
        kept = {}
        for field in filter(None, self.fields.split(",")):
            name, separator, path = field.partition("=")
            kept[name if separator else name.rpartition(".")[2]] = path or name
        return kept

    def _numbered_page(
        self, number: int, before: tuple[str, ...], kind: type[Page] = NextPage
    ) -> Page:
        """Return a numbered page; before: ids on the page before it."""
        url = self.target.replace("{page}", str(number))
        return kind(url, partial(self._read_numbered, number, before))

    def _read_numbered(
        self, number: int, before: tuple[str, ...], response: PageResponse
    ) -> Iterator[ParsedItem]:
        content = response.json()
        items = self._items(content)
        records = [self._record(item) for item in items]
        yield from records
        ids = tuple(
            record["id"] if isinstance(record, dict) else repr(item)
            for record, item in zip(records, items, strict=True)
        )
        if self.last:
            last = _value_at(content, self.last)
            if not isinstance(last, int):
                raise UnreadablePage(f'no number at "{self.last}" (last)')
            more = number < last
        else:
            more = ids != before  # some APIs repeat their last page for ever
        if items and more:
            yield self._numbered_page(number + self.step, ids)

    def _read_linked(self, response: PageResponse) -> Iterator[ParsedItem]:
        content = response.json()
        yield from map(self._record, self._items(content))
        link = _value_at(content, self.next) if self.next else None
        if isinstance(link, str) and link:
            yield NextPage(resolve_link(response.url, link), self._read_linked)

    def _items(self, content: Any) -> list[Any]:
        items = _value_at(content, self.items)
        if not isinstance(items, list):
            raise UnreadablePage(f'no list at "{self.items}" (items)')
        return items

    def _record(self, item: Any) -> Record | UnreadableItem:
        text = _value_at(item, self.text)
        text = "" if text is None else text
        if not isinstance(text, str):
            return UnreadableItem(f'item without a string at "{self.text}" (text)')
        id = _value_at(item, self.id) if self.id else fingerprint(text)
        if isinstance(id, bool) or not isinstance(id, int | str) or id == "":
            problem = f'item without a string or number at "{self.id}" (id)'
            return UnreadableItem(problem)
        prefix = self.prefix.replace("{host}", urlsplit(self.target).hostname or "")
        kept = {name: _value_at(item, path) for name, path in self._kept.items()}
        found = {name: value for name, value in kept.items() if value is not _MISSING}
        return {"id": f"{prefix}{id}", "text": text} | found


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
