"""Entries of RSS 2.0 and Atom feeds, also paged ones (RFC 5005)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ATOM = "{http://www.w3.org/2005/Atom}"
_HIDDEN_TAGS = {"template", "noscript"}
_BLOCKS = """address article blockquote br div dd dl dt figcaption figure footer form
h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul"""
_BLOCK_TAGS = set(_BLOCKS.split())
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"

# Unclosed markup extends to the end of the text, so that matching is linear;
# html.parser is quadratic there.
_ATTRIBUTES = r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+"""
_MARKUP = re.compile(
    rf"""<!--(?:-?>|.*?(?:--!?>|\Z))
    |<!\[CDATA\[.*?(?:\]\]>|\Z)
    |<(script|style)(?=[\s/>]){_ATTRIBUTES}(?<!/)>
        .*?(?:</\1(?:[\s/][^>]*+)?+(?:>|\Z)|\Z)
    |<(?:(?P<end>/?)(?P<tag>[a-z][^\s/>]*+){_ATTRIBUTES}|[!?/][^>]*+)
        (?:>|(?P<open>\Z))""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def feed(target: str) -> Iterator[Page]:
    """Yield the first page of a feed.

    target: URL of the feed.

    A record is an entry: `id` (guid or atom:id, else the link, else a hash of title and
    text; prefixed with the host unless it is a URI), `title`, `text` (the longest of
    content, description and summary, without HTML), `link`, `created_at` (RFC 3339 if
    the date is valid). The author is left out.
    """
    yield Page(target, _read)


def _read(response: PageResponse) -> Iterator[ParsedItem]:
    root = _parse(response.body)
    channel = root.find("channel") if root.tag == "rss" else root
    if channel is None or root.tag not in ("rss", f"{_ATOM}feed"):
        raise UnreadablePage(f"neither RSS 2.0 nor Atom, but <{root.tag}>")
    read = _item if root.tag == "rss" else _entry
    for element in channel.iter("item" if root.tag == "rss" else f"{_ATOM}entry"):
        yield _record(response.url, *read(element, response.url))
    if following := _link(channel, "next", response.url):
        yield NextPage(following, _read)


def _parse(body: bytes) -> Element:
    """Parse XML without entity declarations.

    Raises:
        UnreadablePage: it is not XML, or declares entities (defusedxml forbids them).
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(body.lstrip())
    except ParseError as error:
        html = b"<html" in body[:1000].lower()
        problem = "HTML instead of a feed" if html else f"not XML: {error}"
        raise UnreadablePage(problem) from error
    except (ValueError, LookupError) as error:  # defusedxml raises ValueErrors
        kind = type(error).__name__
        raise UnreadablePage(f"unsafe XML: {kind}") from error
    return root


type _Parts = tuple[str, str, list[str], str, str]  # id, title, texts, link, date


def _item(item: Element, url: str) -> _Parts:
    texts = [item.findtext(_ENCODED, ""), item.findtext("description", "")]
    link = item.findtext("link", "").strip()
    link = resolve_link(url, link) if link else ""
    guid = item.findtext("guid", "").strip()
    date = item.findtext("pubDate", "").strip()
    return guid, item.findtext("title", ""), texts, link, date


def _entry(entry: Element, url: str) -> _Parts:
    title, content, summary = (
        _as_html(entry.find(f"{_ATOM}{name}"))
        for name in ("title", "content", "summary")
    )
    id = entry.findtext(f"{_ATOM}id", "").strip()
    date = entry.findtext(f"{_ATOM}published") or entry.findtext(f"{_ATOM}updated")
    link = _link(entry, "alternate", url)
    return id, title, [content, summary], link, (date or "").strip()


def _as_html(element: Element | None) -> str:
    """Return the content of an Atom text construct (text, html or xhtml) as HTML."""
    from xml.etree.ElementTree import tostring

    if element is None:
        return ""
    if element.get("type") == "xhtml":
        try:
            written = tostring(element, "unicode")
        except RecursionError as error:
            raise UnreadablePage("XML nested too deeply") from error
        return written.replace("<html:", "<").replace("</html:", "</")
    text = element.text or ""
    return text if element.get("type") == "html" else escape(text, quote=False)


def _link(element: Element, relation: str, url: str) -> str:
    for link in element.findall(f"{_ATOM}link"):
        address = link.get("href")
        if link.get("rel", "alternate") == relation and address:
            return resolve_link(url, address)
    return ""


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
        "created_at": _to_rfc3339(date),
    }


def _to_rfc3339(date: str) -> str:
    """Convert an RSS date to RFC 3339; an invalid date is unchanged.

    >>> _to_rfc3339("Wed, 02 Oct 2002 13:00:00 GMT")
    '2002-10-02T13:00:00Z'
    """
    try:
        found = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return date
    moment: datetime = found.replace(tzinfo=found.tzinfo or UTC)
    return moment.isoformat().replace("+00:00", "Z")


def html_to_text(html: str) -> str:
    """Return the text of HTML, a line per block element, without scripts and styles.

    >>> html_to_text("<p>Good &amp; <b>cheap</b></p><p>Buy!</p><script>x()</script>")
    'Good & cheap\\nBuy!'
    """
    parts, at, hidden = [], 0, 0
    for markup in _MARKUP.finditer(html):
        if markup["open"] is not None:  # no markup: a lone < of the text
            break
        if not hidden:
            parts.append(_plain(html[at : markup.start()]))
        at, tag = markup.end(), (markup["tag"] or "").lower()
        if tag in _BLOCK_TAGS:
            parts.append("\n")
        elif tag in _HIDDEN_TAGS and not markup[0].endswith("/>"):
            hidden = max(0, hidden - 1) if markup["end"] else hidden + 1
    if not hidden:
        parts.append(_plain(html[at:]))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _plain(text: str) -> str:
    with suppress(ValueError):  # a character reference of thousands of digits
        text = unescape(text)
    return text.replace("\n", " ")
