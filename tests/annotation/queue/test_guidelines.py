"""Markdown of any origin becomes HTML that runs and fetches nothing."""

import re

import pytest

from alcli.annotation.queue.direction import right_to_left
from alcli.annotation.queue.guidelines import render_html


def test_markdown_is_rendered():
    text = "# Head\n\nOne **bold**, *slanted*, `code`.\n\n- a\n- b\n\n1. c\n\n> q"
    assert re.sub(r"\n", "", render_html(text)) == (
        "<h1>Head</h1><p>One <strong>bold</strong>, <em>slanted</em>, "
        "<code>code</code>.</p><ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>"
        "<blockquote><p>q</p></blockquote>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<div onclick='x'>\n\nb\n\n</div>",
        "[a](javascript:alert(1))",
        "[a](http://x.y 'onclick=\"')",
        '![<b>](http://x.y/z.png "t")',
        "<http://x.y/>",
        "[a]: http://x.y\n\n[a]",
        '```"><script>\n</code><script>x\n```',
        "&lt;script&gt; &#60;script&#62;",
        "<!-- x --><?php ?><![CDATA[x]]>",
    ],
)
def test_html_is_escaped_and_no_address_is_kept(text):
    tags = re.findall(r"<[^>]*>", render_html(text))
    plain = re.compile(
        r'</?(p|pre|code|em|strong|h1|ul|li)( class="language-[^"<>]*")?>'
    )
    assert all(plain.fullmatch(tag) for tag in tags), tags


def test_links_and_images_are_their_text():
    assert render_html("[see **it**](http://x.y)") == "<p>see <strong>it</strong></p>\n"
    assert render_html("![a <b>](http://x.y)") == "<p>a &lt;b&gt;</p>\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("12 !?", False),
        ("سلام", True),
        ("(۱۲) سلام Samsung", True),
        ("Samsung سلام", False),
        ("שלום", True),
    ],
)
def test_direction_is_that_of_the_first_strong_letter(text, expected):
    assert right_to_left(text) is expected
