"""Controls and direction marks in messages."""

import json

import pytest

from alcli.core.json_text import json_text
from alcli.core.printable import printable


@pytest.mark.parametrize("letter", "\x00\x1b\n\r\t\x7f\x9b\u202e\u2066\u200f\udc80")
def test_steering_characters_become_escapes(letter):
    found = printable(f"a{letter}b")

    assert found.isprintable()
    assert found.isascii()
    assert found[0] + found[-1] == "ab"


def test_other_letters_stay():
    text = "می‌روم café 👍🏽 \\n"

    assert printable(text) == text


def test_json_has_the_same_values_without_steering_characters():
    value = {"a\x9b": ["\u202e\x1b\n", "خوب", "\udcff"], "b": {}}
    found = json_text(value)

    assert json.loads(found) == value
    assert found.replace("\n", "").isprintable()
    assert "خوب" in found
