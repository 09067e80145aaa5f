"""Tokens of language `any`."""

import pytest


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("Hello, World!", ["hello", ",", "world", "!"]),
        ("Don’t re-open the e-mail", ["don't", "re-open", "the", "e-mail"]),
        ("don´t DONʼT ‘quoted’", ["don't", "don't", "'", "quoted", "'"]),
        ("Straße ΣΊΣΥΦΟΣ \u0390 ℡", ["strasse", "σίσυφοσ", "\u0390", "tel"]),
        ("cafe\u0301 café", ["café", "café"]),
        ("ﬁle ＡＢＣ１２ x²", ["file", "abc12", "x2"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("می‌خواهم کتاب؟", ["می\u200cخواهم", "کتاب", "؟"]),
        ("co\u00adop \u200eleft\u200f \ufeff", ["coop", "left"]),
        ("wait... what?! --", ["wait", "...", "what", "?", "!", "--"]),
        ("#Tag_x @You # _under_", ["#tag_x", "@you", "#", "_", "under", "_"]),
        ("mp3 19th v1.2 covid-19 end.Start", "mp3 19th v1.2 covid-19 end . start"),
        ("12.5kg 50% 1,200 ３", ["12.5", "kg", "50%", "1,200", "3"]),
        (
            "nice:) 👍🏽 <3 Me@X.org http://X.org/A",
            "nice :) 👍🏽 <3 Me@X.org http://X.org/A",
        ),
        ("a\x00b\x85c\u2028d\te", ["a", "b", "c", "d", "e"]),
        ("ﷺ", ["صلى", "الله", "عليه", "وسلم"]),
        ("東京 서울", ["東京", "서울"]),
    ],
)
def test_tokens_follow_unicode_categories(text, tokens, any_language):
    expected = tokens if isinstance(tokens, list) else tokens.split(" ")
    assert any_language(text) == expected


def test_normalisation_is_idempotent(any_language, texts):
    for path in ("english/mr.jsonl.gz", "snappfood/test.jsonl.gz"):
        once = [any_language(text) for text in texts(path)[:3000]]
        again = [any_language(" ".join(tokens)) for tokens in once]
        assert again == once


def test_a_letter_has_at_most_thirty_marks(any_language):
    (token,) = any_language("a" + "\u0323\u0301" * 1000)
    assert len(token) <= 31
