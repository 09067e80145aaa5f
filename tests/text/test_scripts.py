"""Scripts of texts, and the letters of each script."""

import re
import unicodedata

import pytest

from alcli.core.errors import UnknownName
from alcli.text.scripts import _LETTERS, in_script

PERSIAN, LATIN = "غذا عالی بود", "kheyli ali bood"


@pytest.mark.parametrize(
    ("text", "fa", "latin"),
    [
        (PERSIAN, True, False),
        (LATIN, False, True),
        ("كيك و نرم‌افزار", True, False),  # Arabic letters, a half-space
        ("Привет", False, False),
        ("گوشی iPhone", False, True),  # four and six
        ("گوشی‌ها iPhone", True, True),  # six and six
        ("", True, True),
        ("😀 ۱۲۳ 45 !؟", True, True),
        ("① ½ خ", True, False),  # numbers that are no letters
        ("خوب 😀😀😀😀😀😀😀 !!!", True, False),
        ("بد https://www.digikala.com/product/dkp-1 a@b.com", True, False),
        ("https://digikala.com/خوب ok", False, True),
        ("مُحَمَّد a", True, False),
        ("خـــوب abc", True, False),
        ("Ünïcödé", False, True),
    ],
)
def test_the_script_of_more_than_half_of_the_letters_counts(text, fa, latin):
    assert in_script("fa")(text) is fa
    assert in_script("latin")(text) is latin
    assert in_script("any")(text)


@pytest.mark.parametrize(("name", "word"), [("fa", "ARABIC"), ("latin", "LATIN")])
def test_letters_equal_those_of_unicode(name, word):
    ours = re.compile(f"[{_LETTERS[name]}]").match
    for char in map(chr, range(0x10000)):
        called = unicodedata.name(char, "")
        if ours(char) and called:
            assert char.isalpha(), called
            assert word in called or "ORDINAL" in called or "MODIFIER" in called, called
        elif char.isalpha() and ord(char) < 0x2000:
            assert f"{word} LETTER" not in called, called


def test_the_message_for_an_unknown_script_lists_the_known_ones():
    with pytest.raises(UnknownName, match="choose from: fa, latin, any"):
        in_script("persian")
