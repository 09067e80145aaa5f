"""Language `any`: words by the character classes of Unicode, for any alphabet.

A word is a run of letters, digits and combining marks. Apostrophes, hyphens, low lines
and half-spaces inside it are kept (don't, re-open), and the apostrophe has one form.
Every other visible character is a separate token, as is a run of `.`, `!`, `?` or `-`.
Invisible characters (controls, soft hyphens, marks of direction) are dropped. Scripts
without spaces are not segmented.

Words are normalised to NFKC and case-folded, so that full-width letters and
presentation forms, from keyboards and PDF files, do not make two words of one, as NFC
would. The loss (x² becomes x2) does not matter to a bag of words.
"""

import re
import unicodedata

from alcli.core.errors import UsageError


def _class(*categories: str) -> str:
    """Return the characters of Unicode categories, as ranges for a pattern."""
    ranges = []
    first = last = 0
    for code in range(0x80, 0x20000):
        if unicodedata.category(chr(code)) in categories:
            if code != last + 1:
                ranges.append(f"{chr(first)}-{chr(last)}")
                first = code
            last = code
    return "".join([*ranges[1:], f"{chr(first)}-{chr(last)}"])


_MARKS = _class("Mn", "Mc", "Me")
_FORMAT = _class("Cf")
_JOINERS = "\u200c\u200d"  # Cf as well, but with a meaning inside words

_APOSTROPHES = re.compile("[\u2018\u2019\u00b4\u02bc\uff07]")
_IGNORED = re.compile(rf"(?![{_JOINERS}])[{_FORMAT}\ufe00-\ufe0f]")
# Sorting combining marks takes quadratic time, and no real letter has so many.
_TOO_MANY_MARKS = re.compile(rf"([{_MARKS}]{{30}})[{_MARKS}]+")

_RUN = rf"(?:[^\W_]++[{_MARKS}]*+)++"
_TOKEN = re.compile(
    rf"{_RUN}(?:(?:[-'·_{_JOINERS}]|\.(?=\d)){_RUN})*+"
    rf"|\.++|!++|\?++|-++|_|[^\s\w\x00-\x1f\x7f-\x9f{_JOINERS}]"
)


class Unicode:
    """Language of words by Unicode categories."""

    split_letters = False  # mp3 and 19th are words

    def prepare(self, text: str) -> str:
        """Return the text unchanged: addresses must not change."""
        return text

    def number(self, number: str) -> str:
        """Return the number in NFKC; digits of other scripts are unchanged."""
        return unicodedata.normalize("NFKC", number)

    def tag(self, tag: str) -> str:
        """Return a hashtag, mention or name with folded letters."""
        return _fold(tag).replace(" ", "")

    def words(self, text: str, *, cut: bool = False) -> list[str]:
        """Return the tokens of a text, or of a part of it; `cut` has no effect."""
        tokens: list[str] = _TOKEN.findall(_fold(text))
        return tokens


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = _APOSTROPHES.sub("'", text)
    text = _TOO_MANY_MARKS.sub(r"\1", _IGNORED.sub("", text))
    text = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", text)  # some folded letters decompose


def build(*, informal: bool, lemmatize: bool) -> Unicode:
    """Return the language.

    Raises:
        UsageError: one of the options, which need a dictionary.
    """
    if informal or lemmatize:
        option = "informal" if informal else "lemmatize"
        raise UsageError(f"{option}: not supported by language 'any'; use 'fa'")
    return Unicode()
