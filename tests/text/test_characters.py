"""Invisible characters and odd spaces, in every language."""

import pytest

from alcli.text.characters import replace_unseen
from alcli.text.languages import LANGUAGES, normaliser

INVISIBLE = "\u200f\u200e\u200b\ufeff\u00ad\u2060\u061c\u202b\u2069\u180e"
SPACES = "\u00a0\u2009\u202f\u3000\u2028\u2029\u0085\u1680\u205f\x0b\x1f\x00\u2800"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("character", INVISIBLE)
def test_invisible_characters_are_no_part_of_tokens(character, language):
    tokens = normaliser(language)
    text = "گوشی عالی بود http://x.ir/a 👍🏽 #خوب :)"
    assert tokens(character.join(text)) == tokens(text)
    assert tokens(f" {character} ") == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("character", SPACES)
def test_odd_spaces_separate_tokens(character, language):
    words = ["گوشی", "عالی", "http://x.ir/a", "👍", "خوب", ":)"]
    assert normaliser(language)(character.join(words)) == words


def test_emoji_and_half_spaces_keep_their_joiners():
    kept = "👨\u200d👩 ❤\ufe0f 🏴\U000e0067\U000e0062\U000e007f می\u200cشود a\tb\n"
    assert replace_unseen(kept) == kept
    assert replace_unseen("x\U000e0041\U000e0042y") == "xy"


def test_a_carriage_return_is_a_line_break():
    assert replace_unseen("a\r\nb\rc") == "a\nb\nc"
