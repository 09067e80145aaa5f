"""Language `any`: words by the character classes of Unicode, for any alphabet.

A word is a run of letters, digits and combining marks. Apostrophes, hyphens, low lines
and half-spaces inside it are kept (don't, re-open), and the apostrophe has one form.
Every other visible character is a token of its own, or a run of `.`, `!`, `?` or `-`.
What is invisible (controls, soft hyphens, marks of direction) is dropped. Scripts
without spaces are not segmented.

Words are brought to NFKC and case-folded: full-width letters and presentation forms,
which come from keyboards and PDF files, must not make two entries of one word, as they
would in NFC. What that costs (x² becomes x2) no bag of words will miss.
"""

import re
import unicodedata

from alcli.core.errors import UsageError


def _class(*categories: str) -> str:
    """Return the characters in these categories, as ranges for a pattern."""
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
_JOINERS = "\u200c\u200d"  # Cf as well, but they have a meaning inside of words

_APOSTROPHES = re.compile("[\u2018\u2019\u00b4\u02bc\uff07]")
_IGNORED = re.compile(rf"(?![{_JOINERS}])[{_FORMAT}\ufe00-\ufe0f]")
# Sorting combining marks takes quadratic time, and no letter has so many in earnest.
_TOO_MANY_MARKS = re.compile(rf"([{_MARKS}]{{30}})[{_MARKS}]+")

_RUN = rf"(?:[^\W_]++[{_MARKS}]*+)++"
_TOKEN = re.compile(
    rf"{_RUN}(?:(?:[-'·_{_JOINERS}]|\.(?=\d)){_RUN})*+"
    rf"|\.++|!++|\?++|-++|_|[^\s\w\x00-\x1f\x7f-\x9f{_JOINERS}]"
)


class Unicode:
    """The plug-in: its words depend on nothing but the text between two items."""

    # mp3 and 19th are words.
    split_letters = False

    def prepare(self, text: str) -> str:
        """Change nothing: an address must stay as it is."""
        return text

    def number(self, number: str) -> str:
        """Replace full-width digits and the like; other digits stay what they are."""
        return unicodedata.normalize("NFKC", number)

    def words(self, text: str, *, cut: bool = False) -> list[str]:
        """Return the tokens of a text, or of a part of one (`cut`: no difference)."""
        if text.isascii():
            text = text.lower()
        else:
            text = _APOSTROPHES.sub("'", text)
            text = _TOO_MANY_MARKS.sub(r"\1", _IGNORED.sub("", text))
            text = unicodedata.normalize("NFKC", text).casefold()
            text = unicodedata.normalize("NFKC", text)  # some folded letters fall apart
        tokens: list[str] = _TOKEN.findall(text)
        return tokens


def build(*, informal: bool, lemmatize: bool) -> Unicode:
    """Make the plug-in; it knows no language well enough for the two options."""
    if informal or lemmatize:
        option = "informal" if informal else "lemmatize"
        raise UsageError(f"{option}: language 'any' cannot do that; use 'fa'")
    return Unicode()
