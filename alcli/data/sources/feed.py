"""Entries of RSS and Atom feeds, also paged ones (RFC 5005)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

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
from alcli.data.sources.common.html import html_to_text, inner_html, local_name
from alcli.data.sources.common.xml import CONTENT, declared_charset, parse_feed

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ATOM = "{http://www.w3.org/2005/Atom}"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_DATE = "{http://purl.org/dc/elements/1.1/}date"
_MAX_BASE = 2000  # characters
_ZONES = {"IRST": "+0330", "IRDT": "+0430"}  # beside those of RFC 822


def feed(target: str) -> Iterator[Page]:
    """Yield the first page of a feed.

    target: URL of the feed.

    A record is an entry: `id` (guid or atom:id, else the link, else a hash of title and
    text; prefixed with the host unless it is a URI; with a hash where entries of a page
    differ under one id), `title`, `text` (the longest of content, description and
    summary, without HTML), `link`, `created_at` (RFC 3339 if the date is valid and its
    time zone known). The author is left out.
    """
    yield Page(target, _read)


def _read(response: PageResponse) -> Iterator[ParsedItem]:
    root, problems = parse_feed(response.text(declared_charset(response.body)))
    kind, inside = local_name(root.tag), {local_name(child.tag) for child in root}
    rss = kind in ("rss", "RDF") and inside & {"channel", "item"}
    if not rss and kind != "feed":
        raise UnreadablePage(f"neither RSS 2.0 nor Atom, but <{root.tag[:100]}>")
    records, following = [], ""
    for element, base in _based(root, response.url):
        name = local_name(element.tag)
        if name == "link":
            following = following or _address(element, "next", base)
        else:
            parts = _item(element, base) if name == "item" else _entry(element, base)
            records.append(_record(response.url, *parts))
    yield from _distinct(records)
    yield from map(UnreadableItem, problems)
    if following:
        yield NextPage(following, _read)


def _based(root: Element, url: str) -> Iterator[tuple[Element, str]]:
    """Yield the items and links of a feed, each with its base URL."""
    waiting = [(root, url)]
    while waiting:  # no recursion: nesting may be deep
        element, base = waiting.pop()
        base = _base(element, base)
        if local_name(element.tag) in ("item", "entry", "link"):
            yield element, base
        else:
            waiting += [(child, base) for child in reversed(element)]


def _base(element: Element, base: str) -> str:
    """Return the base URL within an element (XML Base)."""
    try:
        resolved = urljoin(base, element.get(_BASE, "").strip())
    except ValueError:
        return base
    return resolved if len(resolved) <= _MAX_BASE else base


type _Parts = tuple[str, str, list[str], str, str]  # id, title, texts, link, date


def _item(item: Element, base: str) -> _Parts:
    space = item.tag.removesuffix("item")  # of the feed, if it has a default namespace
    found = {name: item.find(space + name) for name in ("title", "description", "link")}
    texts = [_as_html(item.find(f"{{{CONTENT}}}encoded"), html=True)]
    texts.append(_as_html(found["description"], html=True))
    link = found["link"]
    address = "" if link is None else (link.text or "").strip()
    if link is not None and address:
        address = resolve_link(_base(link, base), address)
    guid = item.findtext(f"{space}guid", "").strip()
    date = item.findtext(f"{space}pubDate", "") or item.findtext(_DATE, "")
    return guid, _as_html(found["title"], html=True), texts, address, date.strip()


def _entry(entry: Element, base: str) -> _Parts:
    space = entry.tag.removesuffix("entry")
    title, content, summary = (
        _as_html(entry.find(space + name)) for name in ("title", "content", "summary")
    )
    id = entry.findtext(f"{space}id", "").strip()
    date = entry.findtext(f"{space}published") or entry.findtext(f"{space}updated")
    links = entry.findall(f"{space}link")
    found = (_address(link, "alternate", _base(link, base)) for link in links)
    return id, title, [content, summary], next(filter(None, found), ""), date or ""


def _as_html(element: Element | None, *, html: bool = False) -> str:
    """Return the content of an element as HTML.

    html: whether its text is HTML; else its type says so, as in Atom. Markup that is
    not escaped is kept.
    """
    if element is None:
        return ""
    if len(element):
        return inner_html(element)
    text = element.text or ""
    html = html or element.get("type") in ("html", "text/html")
    return text if html else escape(text, quote=False)


def _address(link: Element, relation: str, base: str) -> str:
    """Return the URL of an Atom link, or "" if its relation is another one."""
    address = (link.get("href") or "").strip()
    if link.get("rel", "alternate") != relation or not address:
        return ""
    return resolve_link(base, address)


def _record(
    url: str, id: str, title: str, texts: list[str], link: str, date: str
) -> Record:
    text = max(map(html_to_text, texts), key=len)
    id = id or link or fingerprint(f"{title}\0{text}")
    host = urlsplit(url).hostname or ""
    return {
        "id": id if ":" in id else f"{host}-{id}",
        "title": " ".join(html_to_text(title).split()),
        "text": text,
        "link": link,
        "created_at": _to_rfc3339(date.strip()),
    }


def _distinct(records: Iterable[Record]) -> Iterator[Record]:
    """Yield records; add a hash to each id under which their contents differ."""
    records = list(records)
    hashes = [fingerprint("\0".join(record.values())) for record in records]
    found: defaultdict[str, set[str]] = defaultdict(set)
    for record, hash in zip(records, hashes, strict=True):
        found[record["id"]].add(hash)
    for record, hash in zip(records, hashes, strict=True):
        shared = len(found[record["id"]]) > 1
        yield record | {"id": f"{record['id']}-{hash}"} if shared else record


def _to_rfc3339(date: str) -> str:
    """Convert an RSS date to RFC 3339; an invalid date is unchanged.

    A date without a time zone, or with an unknown one, is unchanged, too.

    >>> _to_rfc3339("Wed, 02 Oct 2002 13:00:00 GMT")
    '2002-10-02T13:00:00Z'
    """
    rest, _, zone = date.rpartition(" ")
    try:
        found = parsedate_to_datetime(f"{rest} {_ZONES.get(zone.upper(), zone)}")
    except (ValueError, OverflowError):
        return date
    if found.tzinfo is None:
        if zone != "-0000":  # of RFC 5322: it is UTC, the zone of the author unknown
            return date
        found = found.replace(tzinfo=UTC)
    moment: datetime = found
    return moment.isoformat().replace("+00:00", "Z")
