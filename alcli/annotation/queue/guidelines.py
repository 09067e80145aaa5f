"""Guidelines rendered from Markdown to HTML that is safe to insert into the page."""

from __future__ import annotations


def render_html(markdown: str) -> str:
    """Render CommonMark; raw HTML is escaped, links and images become their text.

    >>> render_html("**so** [see](http://x.y) <b>")
    '<p><strong>so</strong> see &lt;b&gt;</p>\\n'
    """
    from markdown_it import MarkdownIt
    from markdown_it.common.utils import escapeHtml

    parser = MarkdownIt("commonmark", {"html": False})
    rules = parser.renderer.rules  # type: ignore[attr-defined]
    rules["link_open"] = rules["link_close"] = lambda *_: ""
    rules["image"] = lambda tokens, index, *_: escapeHtml(tokens[index].content)
    text: str = parser.render(markdown)
    return text
