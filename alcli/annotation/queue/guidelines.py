"""Guidelines: from Markdown to HTML in which nothing but a few plain elements is."""

from __future__ import annotations


def html(markdown: str) -> str:
    """Return CommonMark as HTML: raw HTML is escaped, links and images are their text.

    >>> html("**so** [see](http://x.y) <b>")
    '<p><strong>so</strong> see &lt;b&gt;</p>\\n'
    """
    from markdown_it import MarkdownIt
    from markdown_it.common.utils import escapeHtml

    parser = MarkdownIt("commonmark", {"html": False})
    rules = parser.renderer.rules  # type: ignore[attr-defined]
    rules["link_open"] = rules["link_close"] = lambda *_: ""
    rules["image"] = lambda tokens, place, *_: escapeHtml(tokens[place].content)
    text: str = parser.render(markdown)
    return text
