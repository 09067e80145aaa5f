"""Text of HTML, in linear time."""

import subprocess
import sys

import pytest

from alcli.data.sources.common.html import html_to_text


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
        ("<!DOCTYPE html><?xml?>a<!x>c", "ac"),
        ("5 <x and y", "5 <x and y"),
        (f"&#{'1' * 5000};", f"&#{'1' * 5000};"),
        ("wo<b>r</b>d <i>one</i> <i>two</i>", "word one two"),
        ("<option>one</option><option>two</option>", "one\ntwo"),
        ("a<caption>b</caption>c<td>d</td><td>e</td>f", "a\nb\nc\nd\ne\nf"),
        ("<![CDATA[<p>one</p><p>two</p>]]>", "one\ntwo"),
        ("a<![CDATA[b]]>c<![CDATA[d", "abcd"),
        ("a[b[0]]>c", "a[b[0]]>c"),
    ],
)
def test_html_becomes_text(html, text):
    assert html_to_text(html) == text


def test_unclosed_markup_takes_linear_time():
    code = """
from alcli.data.sources.common.html import html_to_text
for part in "<a |<a x='|<!--|<![|<![CDATA[|<script>|</script |<!|&#".split("|"):
    html_to_text(part * (1_000_000 // len(part)))
"""
    # it takes a second; with every start read to the end, it would take hours
    subprocess.run([sys.executable, "-c", code], check=True)
