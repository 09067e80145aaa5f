"""Parsing of RSS and Atom entries as plain text; rejection of malicious XML."""

import subprocess
import sys
from itertools import pairwise

import pytest

from alcli.data.sources import NextPage, PageResponse, UnreadablePage
from alcli.data.sources.feed import feed, html_to_text

URL = "http://feed.test/rss"

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
 <channel><title>News</title><link>http://feed.test/</link>
  <atom:link rel="self" href="http://feed.test/rss"/>
  <item>
   <title>خبر &lt;b&gt;اول&lt;/b&gt;</title><link>/news/1</link>
   <guid isPermaLink="false">17</guid><dc:creator>Somebody</dc:creator>
   <author>somebody@feed.test</author>
   <pubDate>Wed, 02 Oct 2002 15:00:00 +0200</pubDate>
   <description>short</description>
   <content:encoded><![CDATA[<p>Good &amp; cheap</p><p>Buy<script>x()</script></p>]]>
   </content:encoded>
  </item>
  <item><link>http://feed.test/news/2</link><description>two</description>
   <pubDate>yesterday</pubDate></item>
  <item><description>three</description></item>
 </channel>
</rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom">
 <link rel="next" href="?page=2"/>
 <entry>
  <id>urn:uuid:1</id><title type="html">A &amp;amp; B</title>
  <link rel="edit" href="/edit/1"/><link href="/news/1"/>
  <published>2003-12-13T18:30:02Z</published><updated>2004-01-01T00:00:00Z</updated>
  <author><name>Somebody</name></author>
  <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Good <b>and</b>
   cheap</p></div></content>
 </entry>
 <entry><id>urn:uuid:2</id><title>1 &lt; 2</title><summary>a &lt;b&gt; c</summary>
  <updated>2004-01-01T00:00:00Z</updated></entry>
</feed>"""

ITEM = """<rss version="2.0"><channel><item>
<description>{}</description></item></channel></rss>"""

GROWTH = (f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in pairwise("abcdefghij"))
BOMB = f'<!DOCTYPE rss [<!ENTITY a "ha">{"".join(GROWTH)}]>{ITEM.format("&j;")}'

OUTSIDE = f"""<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
{ITEM.format("&x;")}"""


def read(text):
    (page,) = feed(URL)
    body = text if isinstance(text, bytes) else text.encode()
    return list(page.read(PageResponse(URL, body)))


def test_rss_entries():
    first, second, third = read(RSS)

    assert first == {
        "id": "feed.test-17",
        "title": "خبر اول",
        "text": "Good & cheap\nBuy",
        "link": "http://feed.test/news/1",
        "created_at": "2002-10-02T15:00:00+02:00",
    }
    assert second["id"] == second["link"] == "http://feed.test/news/2"
    assert second["created_at"] == "yesterday"
    assert third["text"] == "three"
    assert third["id"].startswith("feed.test-")


def test_atom_entries():
    first, second, following = read(ATOM)

    assert first == {
        "id": "urn:uuid:1",
        "title": "A & B",
        "text": "Good and cheap",
        "link": "http://feed.test/news/1",
        "created_at": "2003-12-13T18:30:02Z",
    }
    assert (second["title"], second["text"]) == ("1 < 2", "a <b> c")
    assert second["created_at"] == "2004-01-01T00:00:00Z"
    assert isinstance(following, NextPage)
    assert following.url == "http://feed.test/rss?page=2"


def test_invalid_links_are_unchanged():
    entry = "<entry><id>u:1</id><link href='http://['/></entry>"
    text = f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry}</feed>"

    assert read(text)[0]["link"] == "http://["


def test_deeply_nested_xml_is_rejected():
    deep = "<b>" * 100_000 + "</b>" * 100_000
    content = f'<content type="xhtml">{deep}</content>'
    with pytest.raises(UnreadablePage, match="nested too deeply"):
        read(ATOM.replace("<content type", f"{content}<content type", 1))


@pytest.mark.parametrize("text", [RSS, ATOM])
def test_authors_are_left_out(text):
    assert "omebody" in text
    assert "omebody" not in str(read(text))


def test_utf_16_feeds():
    body = ATOM.replace("cheap", "ارزان").encode("utf-16")

    assert read(b"".join([body]))[0]["text"] == "Good and ارزان"


@pytest.mark.parametrize("text", [BOMB, OUTSIDE])
def test_entity_declarations_are_rejected(text):
    with pytest.raises(UnreadablePage, match="unsafe XML: EntitiesForbidden"):
        read(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<html><body>Are you human?<br></body></html>", "HTML instead of a feed"),
        ("<!DOCTYPE html><html></html>", "neither RSS 2.0 nor Atom, but <html>"),
        ('{"a": 1}', "not XML"),
        ("", "not XML"),
        ("<rss><channel>", "not XML"),
        ("<rss></rss>", "neither RSS"),
    ],
)
def test_documents_other_than_feeds_are_unreadable(text, says):
    with pytest.raises(UnreadablePage, match=says):
        read(text)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("a<br>b", "a\nb"),
        ("<p>a\n b</p>  <p>c</p>", "a b\nc"),
        ("<style>p {}</style>a<!-- c --> &lt;b&gt; &#1662;", "a <b> پ"),
        ("می‌خواهم", "می‌خواهم"),
        ("a < b and c > d", "a < b and c > d"),
        ("<p>cut off", "cut off"),
        ("</script>a", "a"),
        ("a<SCRIPT type=x>b<c</Script >d", "ad"),
        ("a<script src='x' /> b", "a b"),
        ("a<noscript><p>b</p></noscript>c", "a\nc"),
        ("<a title = 'x>y' b>z</a>", "z"),
        ("<!DOCTYPE html><?xml?>a<![CDATA[b]]>c", "ac"),
        ("5 <x and y", "5 <x and y"),
        (f"&#{'1' * 5000};", f"&#{'1' * 5000};"),
    ],
)
def test_html_becomes_text(html, text):
    assert html_to_text(html) == text


def test_unclosed_markup_takes_linear_time():
    code = """
from alcli.data.sources.feed import html_to_text
for part in ("<a ", "<a x='", "<!--", "<![", "<script>", "</script ", "<!", "&#"):
    html_to_text(part * (1_000_000 // len(part)))
"""
    # it takes a second; with every start read to the end, it would take hours
    subprocess.run([sys.executable, "-c", code], check=True)
