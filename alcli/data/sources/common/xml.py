"""Parser of feeds that are nearly well-formed XML, without entity declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from html.entities import html5
from typing import TYPE_CHECKING

from alcli.data.sources import UnreadablePage

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

CONTENT = "http://purl.org/rss/1.0/modules/content/"
_NAMESPACES = {"atom": "http://www.w3.org/2005/Atom", "content": CONTENT}
_MAX_PREFIXES = 20  # without a declaration, that are declared here
_MAX_WORK = 64 << 20  # characters parsed again, with the items of a damaged document
_KEPT = {"amp", "lt", "gt", "quot", "apos"}  # entities of XML itself
_CLOSERS = {"<!--": "-->", "<![CDATA[": "]]>"}

# tags may be cut off by the end of the text, so that no search is quadratic
_DECLARATION = re.compile(r"<\?xml\s[^>]*+(?:>|\Z)")
_CHARSET = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]{1,40})["']""")
_ROOT = re.compile(r"<((?:[\w.-]+:)?(?:rss|feed|RDF))(?=[\s>])[^>]*+(?:>|\Z)")
_CHANNEL = re.compile(r"\s*+<((?:[\w.-]+:)?channel)(?=[\s>])[^>]*+(?:>|\Z)")
_EDGE = re.compile(
    r"<!--|<!\[CDATA\[|<(?P<end>/?)(?:[\w.-]+:)?(?:item|entry)(?=[\s/>])[^>]*+(?:>|\Z)"
)
_BREAKS = re.compile("[\x0b\x0c\x1c-\x1f]")
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1b\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|&(?:(#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z]\w{0,40}+);)?",
    re.DOTALL,
)
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*+):")
_DECLARED_PREFIX = re.compile(r"\sxmlns:([\w.-]++)\s*+=")


def declared_charset(body: bytes) -> str:
    """Return the charset that an XML declaration names, or ""."""
    found = _CHARSET.search(body[:200])
    return found[1].decode(errors="replace") if found else ""


def parse_feed(text: str) -> tuple[Element, list[str]]:
    """Parse a feed; return its root, and the problems of items that are left out.

    Characters and references that are not of XML are read as in HTML. If the document
    is still not well-formed, each item is parsed apart.

    Raises:
        UnreadablePage: it is not XML, or declares entities (defusedxml forbids them).
    """
    from xml.etree.ElementTree import ParseError

    text = text.lstrip("\ufeff\0 \t\r\n")
    if declaration := _DECLARATION.match(text):  # the text is decoded already
        text = text[declaration.end() :]
    try:
        return _parse(text), []
    except ParseError:
        text = _repair(text)
    try:
        return _parse(text), []
    except ParseError as error:
        if found := _parse_apart(text):
            return found
        html = "<html" in text[:1000].lower()
        problem = "HTML instead of a feed" if html else f"not XML: {error}"
        raise UnreadablePage(problem) from error


def _parse(text: str) -> Element:
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(text)
    except ValueError as error:  # those of defusedxml
        raise UnreadablePage(f"unsafe XML: {type(error).__name__}") from error
    return root


def _repair(text: str) -> str:
    """Replace characters and references that XML lacks; declare known prefixes."""
    text = _REFERENCE.sub(_reference, _legal(text))
    used = set(_PREFIX.findall(text)) - {*_DECLARED_PREFIX.findall(text), "xml"}
    if not (root := _ROOT.search(text)) or len(used) > _MAX_PREFIXES:
        return text
    names = "".join(f' xmlns:{p}="{_NAMESPACES.get(p, p)}"' for p in sorted(used))
    return f"{text[: root.end(1)]}{names}{text[root.end(1) :]}"


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", _BREAKS.sub(" ", text))


def _reference(match: re.Match[str]) -> str:
    name = match[1]
    if match[0][0] == "<" or name in _KEPT:
        return match[0]
    if name and (name[0] == "#" or f"{name};" in html5):
        return escape(_legal(unescape(match[0])))
    return f"&amp;{match[0][1:]}"


def _parse_apart(text: str) -> tuple[Element, list[str]] | None:
    """Parse each item of a document within its first tags; None if there is no item.

    Raises:
        UnreadablePage: there are too many items.
    """
    from xml.etree.ElementTree import ParseError

    root_tag, spans = _ROOT.search(text), list(_items(text))
    if not (root_tag and spans):
        return None
    channel_tag = _CHANNEL.match(text, root_tag.end())
    tags = [root_tag, channel_tag] if channel_tag else [root_tag]
    head = "".join(tag[0] for tag in tags)
    tail = "".join(f"</{tag[1]}>" for tag in reversed(tags))
    if len(spans) * (len(head) + 100) > _MAX_WORK:
        raise UnreadablePage(f"not XML, and too long to repair: {len(spans)} items")
    problems = []
    try:
        edges = [0, *(edge for span in spans for edge in span), len(text)]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        root = _parse("".join(text[start:end] for start, end in pairs))
    except ParseError as error:
        problems.append(f"not XML outside the items: {_reason(error)}")
        try:
            root = _parse(head + tail)
        except ParseError:
            return None
    for start, end in spans:
        try:
            _channel(root).extend(_channel(_parse(head + text[start:end] + tail)))
        except ParseError as error:
            problems.append(f"item that is not XML: {_reason(error)}")
    return root, problems


def _items(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each item; an unclosed one ends where the next starts."""
    at, start = 0, -1
    unclosed: set[str] = set()
    while edge := _EDGE.search(text, at):
        at = edge.end()
        if closer := _CLOSERS.get(edge[0]):
            end = -1 if closer in unclosed else text.find(closer, at)
            if end < 0:
                unclosed.add(closer)
            else:
                at = end + len(closer)
        elif edge["end"]:
            if start >= 0:
                yield start, at
            start = -1
        else:
            if start >= 0:
                yield start, edge.start()
            start = edge.start()
            if edge[0].endswith("/>"):
                yield start, at
                start = -1
    if start >= 0:
        yield start, len(text)


def _channel(root: Element) -> Element:
    found = root.find("{*}channel")
    return root if found is None else found


def _reason(error: Exception) -> str:
    return str(error).partition(":")[0]  # its line counts from the item
