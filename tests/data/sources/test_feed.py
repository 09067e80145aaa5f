"""Parsing of RSS and Atom entries as plain text; rejection of malicious XML."""

from itertools import pairwise

import pytest

from alcli.data.sources import (
    NextPage,
    PageResponse,
    UnreadableItem,
    UnreadablePage,
)
from alcli.data.sources.feed import feed

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


def read(text, charset=""):
    (page,) = feed(URL)
    body = text if isinstance(text, bytes) else text.encode()
    return list(page.read(PageResponse(URL, body, charset)))


def rss(*items, root="rss"):
    rows = "".join(f"<item>{item}</item>" for item in items)
    return f"<{root}><channel>{rows}</channel></{root.split()[0]}>"


def atom(inside, attributes=""):
    return f"<feed xmlns='http://www.w3.org/2005/Atom' {attributes}>{inside}</feed>"


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


def test_deeply_nested_xml_is_read():
    deep = f"{'<b>' * 100_000}word{'</b>' * 100_000}"
    first, *_ = read(atom(f'<entry><content type="xhtml">{deep}</content></entry>'))

    assert first["text"] == "word"
    assert read(f"<rss><channel>{deep}</channel></rss>") == []


def test_xml_base_resolves_links():
    entry = """<entry xml:base="2025/"><id>u:1</id><link xml:base="05/" href="x"/>
    </entry><entry xml:base="http://[/"><id>u:2</id><link href="y"/></entry>"""
    after = "<link rel='next' href='page2'/>"
    first, second, following = read(atom(entry + after, 'xml:base="/blog/"'))
    item = rss("<link>z</link>", root="rss xml:base='/a/'")

    assert first["link"] == "http://feed.test/blog/2025/05/x"
    assert second["link"] == "http://feed.test/blog/y"
    assert following.url == "http://feed.test/blog/page2"
    assert read(item)[0]["link"] == "http://feed.test/a/z"


def test_nested_bases_stay_short():
    deep = f"{'<a xml:base="aaaaaaaaa/">' * 10_000}<item><link>x</link></item>"
    (record,) = read(f"<rss><channel>{deep}{'</a>' * 10_000}</channel></rss>")

    assert len(record["link"]) < 2100


def test_a_default_namespace_changes_nothing():
    items = "<guid>1</guid><title>a</title><link>/1</link><description>b</description>"
    date = "<pubDate>Wed, 02 Oct 2002 13:00:00 GMT</pubDate>"
    for space in ("http://www.w3.org/2005/Atom", "http://backend.userland.com/rss2"):
        found = read(rss(items + date, root=f'rss xmlns="{space}"'))
        assert found == read(rss(items + date))
    assert found[0]["link"] == "http://feed.test/1"


def test_elements_of_other_namespaces_are_not_those_of_an_item():
    media = "<m:title xmlns:m='urn:m'>no</m:title><m:link xmlns:m='urn:m'>/no</m:link>"
    (record,) = read(rss(f"{media}<title>a</title><link>/a</link>"))

    assert (record["title"], record["link"]) == ("a", "http://feed.test/a")


def test_rss_1_entries():
    (record,) = read("""<r:RDF xmlns:r="urn:rdf" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel/><item><title>a</title>
      <link>/1</link><dc:date>2003-12-13T18:30:02Z</dc:date></item></r:RDF>""")

    assert record["id"] == "http://feed.test/1"
    assert record["created_at"] == "2003-12-13T18:30:02Z"


def test_unescaped_markup_is_text():
    (record,) = read(
        rss(
            "<title>1 &lt; <i>2</i>, wo<b>r</b>d</title>"
            "<description>one<p>two <b>three</b> four</p>five<br/>six</description>"
        )
    )
    (entry,) = read(atom("<entry><title>a <b>b</b> c</title></entry>"))

    assert record["title"] == "1 < 2, word"
    assert record["text"] == "one\ntwo three four\nfive\nsix"
    assert entry["title"] == "a b c"


def test_escaped_cdata_is_text():
    html = "&lt;![CDATA[&lt;p&gt;one&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;]]&gt;"

    assert read(rss(f"<description>{html}</description>"))[0]["text"] == "one\ntwo"


def test_entries_that_share_a_guid_are_all_kept():
    rows = [f"<guid>1</guid><title>{t}</title>" for t in ("a", "b", "a")]
    a, b, again = (record["id"] for record in read(rss(*rows)))

    assert a == again != b
    assert a.startswith("feed.test-1-")
    assert [r["id"] for r in read(rss(rows[1], rows[0]))] == [b, a]
    assert [r["id"] for r in read(rss(rows[0], rows[0]))] == ["feed.test-1"] * 2


@pytest.mark.parametrize("guid", ["", "<guid/>", "<guid> </guid>"])
def test_entries_without_a_guid_are_all_kept(guid):
    rows = [f"{guid}<link>/1</link><title>{t}</title>" for t in "ab"]
    dates = [f"{guid}<title>ok</title><pubDate>{d}</pubDate>" for d in "ab"]

    assert len({record["id"] for record in read(rss(*rows))}) == 2
    assert len({record["id"] for record in read(rss(*dates))}) == 2
    assert read(rss(rows[0]))[0]["id"] == "http://feed.test/1"


def test_a_bad_item_costs_itself_alone():
    first, last, bad, following = read(
        atom(
            "<entry><id>u:1</id></entry><entry><id>u:2<br></id></entry>"
            "<entry><id>u:3</id><link href='x'/></entry><link rel='next' href='/2'/>",
            'xml:base="/base/"',
        )
    )

    assert (first["id"], last["id"]) == ("u:1", "u:3")
    assert last["link"] == "http://feed.test/base/x"
    assert bad == UnreadableItem("item that is not XML: mismatched tag")
    assert following.url == "http://feed.test/2"


def test_a_bad_byte_costs_itself_alone():
    body = rss("<title>خوب</title>", "<title>بXد</title>").encode()
    first, second = read(body.replace(b"X", b"\xff"))

    assert (first["title"], second["title"]) == ("خوب", "ب\ufffdد")


def test_the_charset_of_the_response_counts():
    text = f"<?xml version='1.0' encoding='utf-8'?>{rss('<title>ارزان</title>')}"

    assert read(text.encode("cp1256"), "windows-1256")[0]["title"] == "ارزان"
    assert read(text)[0]["title"] == "ارزان"
    declared = text.replace("utf-8", "windows-1256").encode("cp1256")
    assert read(declared)[0]["title"] == "ارزان"


@pytest.mark.parametrize(
    ("date", "written"),
    [
        ("Mon, 21 Apr 2025 06:00:00 IRST", "2025-04-21T06:00:00+03:30"),
        ("Mon, 21 Apr 2025 06:00:00 irdt", "2025-04-21T06:00:00+04:30"),
        ("Mon, 21 Apr 25 06:00:00 EDT", "2025-04-21T06:00:00-04:00"),
        ("Mon, 21 Apr 2025 06:00:00 UT", "2025-04-21T06:00:00Z"),
        ("Mon, 21 Apr 2025 06:00:00 -0000", "2025-04-21T06:00:00Z"),
        ("Mon, 21 Apr 2025 06:00:00 XYZT", None),
        ("Mon, 21 Apr 2025 06:00:00", None),
        ("Mon, 21 Apr 2025 06:00:00 +9999", None),
        ("21 فروردین", None),
    ],
)
def test_only_dates_of_known_zones_are_converted(date, written):
    (record,) = read(rss(f"<pubDate> {date} </pubDate>"))

    assert record["created_at"] == (written or date)


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
        ("<rss><x/></rss>", "neither RSS"),
    ],
)
def test_documents_other_than_feeds_are_unreadable(text, says):
    with pytest.raises(UnreadablePage, match=says):
        read(text)
