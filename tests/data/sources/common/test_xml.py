"""Feeds that are nearly XML: what is repaired, what is left out, and in which time."""

import subprocess
import sys

import pytest

from alcli.data.sources import UnreadablePage
from alcli.data.sources.common.xml import declared_charset, parse_feed

pytest.importorskip("defusedxml")


def titles(text):
    root, problems = parse_feed(text)
    found = [
        item.findtext("{*}title") for item in root.iter() if item.tag[-3:] == "tem"
    ]
    return found, problems


def feed(*items, head="<rss><channel>", tail="</channel></rss>"):
    return f"{head}{''.join(f'<item>{item}</item>' for item in items)}{tail}"


def item(title):
    return f"<title>{title}</title>"


@pytest.mark.parametrize(
    "start",
    [
        "\ufeff\n",
        "\n\ufeff",
        "\0 ",
        "<?xml version='1.1'?>",
        "<?xml encoding=utf-8?>\n",
    ],
)
def test_what_stands_before_the_root_does_no_harm(start):
    assert titles(start + feed(item("a"))) == (["a"], [])


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a&nbsp;&rsquo;b", "a\xa0’b"),
        ("R&D & Co &unknown; &", "R&D & Co &unknown; &"),
        ("&LT;b&AMP;", "<b&"),
        ("a&#11;b&#1;c&#xD800;", "abc\ufffd"),
        ("a\x0bb\x01c\uffff", "a bc"),
        (f"&#{'9' * 5000};", f"&#{'9' * 5000};"),
        ("<![CDATA[&nbsp; & &amp;]]>&nbsp;", "&nbsp; & &amp;\xa0"),
        ("&lt;&#60;&amp;&nbsp;", "<<&\xa0"),
    ],
)
def test_references_and_characters_are_read_as_in_html(source, text):
    assert titles(feed(item(source), item("b"))) == ([text, "b"], [])


def test_references_in_attributes_stay_in_them():
    root, problems = parse_feed("<feed><link href='?a&quot;b&#39;&b=&nbsp;'/></feed>")

    assert root[0].get("href") == "?a\"b'&b=\xa0"
    assert problems == []


def test_an_undeclared_prefix_is_declared():
    root, problems = parse_feed(
        "<rss><channel><content:encoded/><x:y/></channel></rss>"
    )

    encoded = "{http://purl.org/rss/1.0/modules/content/}encoded"
    assert [child.tag for child in root[0]] == [encoded, "{x}y"]
    assert problems == []


@pytest.mark.parametrize(
    "bad", ["<title>a<br>b</title>", "<title>", "</title>", "<a b=c/>", "<a b='<'/>"]
)
def test_a_bad_item_costs_itself_alone(bad):
    found, problems = titles(feed(item("a"), bad, item("c")))

    assert found == ["a", "c"]
    assert len(problems) == 1
    assert problems[0].startswith("item that is not XML: ")


def test_an_unclosed_item_ends_at_the_next_one():
    text = feed(item("a"), item("b"), item("c")).replace("</item>", "", 1)

    found, problems = titles(text)

    assert found == ["b", "c"]
    assert problems == ["item that is not XML: mismatched tag"]


def test_the_items_of_a_cut_off_feed_are_kept():
    text = feed(item("a"), item("b"), item("c"))

    found, problems = titles(text[: text.index("c</title>")])

    assert found == ["a", "b"]
    assert problems[-1] == "item that is not XML: mismatched tag"


def test_items_in_comments_and_cdata_are_no_items():
    hidden = f"<!--<item>{item('x')}</item>-->"
    quoted = item(f"<![CDATA[<item>{item('y')}</item>]]>")
    found, _ = titles(feed(item("a"), quoted, "<b>", head=f"<rss><channel>{hidden}"))

    assert found == ["a", "<item><title>y</title></item>"]


def test_the_channel_of_a_damaged_feed_is_kept():
    head = "<rss xmlns:a='urn:a' xml:lang='fa'><channel><a:link rel='next' href='/2'/>"
    root, _ = parse_feed(feed(item("a"), "<b>", head=head))

    assert root[0].find("{urn:a}link").get("href") == "/2"
    assert len(root[0]) == 2


def test_a_damaged_channel_costs_no_item():
    found, problems = titles(feed(item("a"), head="<rss><channel><title>x</titel>"))

    assert found == ["a"]
    assert problems == ["not XML outside the items: mismatched tag"]


@pytest.mark.parametrize("declaration", ['<!ENTITY x "y">', '<!ENTITY x SYSTEM "/y">'])
def test_entity_declarations_are_rejected_in_damaged_xml(declaration):
    document = f"<!DOCTYPE rss [{declaration}]>{feed(item('&x; &nbsp;'), '<b>')}"
    with pytest.raises(UnreadablePage, match="unsafe XML: EntitiesForbidden"):
        parse_feed(document)


def test_too_many_damaged_items_are_rejected():
    text = feed(*["<b>"] * 1000, head=f"<rss a='{'x' * 100_000}'><channel>")
    with pytest.raises(UnreadablePage, match="too long to repair: 1000 items"):
        parse_feed(text)


def test_damaged_xml_takes_linear_time():
    code = """
from contextlib import suppress
from alcli.data.sources import UnreadablePage
from alcli.data.sources.common.xml import parse_feed
for part in "<item |<item>|<!--|<![CDATA[|&|&#|<rss |<a:| xmlns:a".split("|"):
    for head in ("", "<rss><channel>"):
        with suppress(UnreadablePage):
            parse_feed(head + part * (1_000_000 // len(part)))
"""
    # it takes seconds; with every start read to the end, it would take hours
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


def test_declared_charsets():
    assert declared_charset(b"<?xml version='1.0' encoding = \"UTF-8\" ?>") == "UTF-8"
    assert declared_charset(b"<?xml version='1.0'?><a encoding='x'>") == ""
