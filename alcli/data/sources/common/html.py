"""Text of HTML, and of XML elements that hold HTML."""

from __future__ import annotations

import re
from contextlib import suppress
from html import escape, unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_HIDDEN_TAGS = {"template", "noscript"}
_BLOCKS = """address article aside blockquote body br caption center dd details dialog
dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header
hgroup hr html legend li main menu nav ol optgroup option p pre section summary table
tbody td tfoot th thead title tr ul"""
_BLOCK_TAGS = set(_BLOCKS.split())

# Unclosed markup extends to the end of the text, so that matching is linear;
# html.parser is quadratic there.
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_ATTRIBUTES = r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+"""
_MARKUP = re.compile(
    rf"""<!--(?:-?>|.*?(?:--!?>|\Z))
    |<(script|style)(?=[\s/>]){_ATTRIBUTES}(?<!/)>
        .*?(?:</\1(?:[\s/][^>]*+)?+(?:>|\Z)|\Z)
    |<(?:(?P<end>/?)(?P<tag>[a-z][^\s/>]*+){_ATTRIBUTES}|[!?/][^>]*+)
        (?:>|(?P<open>\Z))""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def html_to_text(html: str) -> str:
    """Return the text of HTML, a line per block element, without scripts and styles.

    The content of an escaped CDATA section is HTML, too.

    >>> html_to_text("<p>Good &amp; <b>cheap</b></p><p>Buy!</p><script>x()</script>")
    'Good & cheap\\nBuy!'
    """
    parts, at, hidden = [], 0, 0
    html = _CDATA.sub(r"\1", html)
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


def inner_html(element: Element) -> str:
    """Return the content of an XML element as HTML, without attributes."""
    parts = [escape(element.text or "", quote=False)]
    waiting: list[Element | str] = [*reversed(element)]
    while waiting:  # no recursion: nesting may be deep
        part = waiting.pop()
        if isinstance(part, str):
            parts.append(part)
            continue
        name = local_name(part.tag)
        tag = f"{name}>" if name[:1].isascii() and name[:1].isalpha() else ""
        parts.append(f"{tag and '<' + tag}{escape(part.text or '', quote=False)}")
        tail = escape(part.tail or "", quote=False)
        waiting += [f"{tag and '</' + tag}{tail}", *reversed(part)]
    return "".join(parts)


def local_name(tag: str) -> str:
    """Return a tag of ElementTree without its namespace.

    >>> local_name("{http://www.w3.org/2005/Atom}link")
    'link'
    """
    return tag.rpartition("}")[2]


def _plain(text: str) -> str:
    with suppress(ValueError):  # a character reference of thousands of digits
        text = unescape(text)
    return text.replace("\n", " ")
