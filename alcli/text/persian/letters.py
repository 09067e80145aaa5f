"""Normalisation of characters as in hazm: unique forms of letters, half-spaces.

The characters of all rules are found first, in one search or with `in`; rules without
any are skipped.
"""

import re
import unicodedata

from alcli.text.persian.hazm_modules import hazm_module
from alcli.text.persian.lexicon import HALF_SPACE

_HAZM = hazm_module("constants")
_BMP = "".join(map(chr, range(0x10000)))
_VOWELS, _SPECIALS = (
    set(re.findall(patterns[0][0], _BMP))
    for patterns in (_HAZM.DIACRITICS_PATTERNS, _HAZM.SPECIAL_CHARS_PATTERNS)
)
_DIGITS = dict(zip(_HAZM.NUMBERS_SRC, _HAZM.NUMBERS_DST, strict=True))
# ZWJ, variation selectors, tags: without effect outside of emoji, which are protected
_TAGS = [*map(chr, range(0xE0020, 0xE0080))]
_UNSEEN = ["\u200d", *map(chr, range(0xFE00, 0xFE10)), *_TAGS]
_LETTERS = (
    dict(zip(_HAZM.TRANSLATION_SRC, _HAZM.TRANSLATION_DST, strict=True))
    | _DIGITS
    | dict.fromkeys([*_VOWELS, *_UNSEEN], "")
)


def _presentation_forms() -> dict[str, str]:
    """Return the letters of presentation forms; hazm folds some, not all as letters.

    Those with a space (ﷺ, isolated marks) are dropped, as nearly all are in hazm.
    """
    folded = {}
    for form in map(chr, (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFF))):
        letters = unicodedata.normalize("NFKC", form)
        if letters != form:
            kept = "" if " " in letters else letters
            folded[form] = "".join(
                _LETTERS.get(x, x) for x in kept if x != "ـ" and x not in _SPECIALS
            )
    return folded


# No replacement is itself replaced, so their order does not matter.
_REPLACED = _LETTERS | _presentation_forms()
# hazm handles these last; the brackets in its table belong to a pattern.
_LATE = _SPECIALS | {char for old, _ in _HAZM.UNICODE_REPLACEMENTS for char in old}
_LATE -= {*"(|)"} | _REPLACED.keys()
_DROPPED = {"ـ", "\r"}  # kashida; dropped after half-spaces are normalised
_NEAR = "".join({*_REPLACED, *_LATE, *_DROPPED}.difference(_TAGS))
# a range: in a pattern, many characters beyond U+FFFF are slow one by one
_ODD = re.compile(f"[{re.escape(_NEAR)}{_TAGS[0]}-{_TAGS[-1]}]")
_SPECIAL = re.compile(_HAZM.SPECIAL_CHARS_PATTERNS[0][0])

_QUOTES, _POINT, _DOTS = (
    (re.compile(pattern), new) for pattern, new in _HAZM.PERSIAN_STYLE_PATTERNS
)
_MAYBE_POINT = re.compile(r"\.(?<=[\d+]\.)(?=[\d+])")  # begins with a literal: fast

# A half-space belongs between two letters. hazm drops it beside a space and at one end
# of a word; between two punctuation marks it stays.
_SPACES = re.compile(" {2,}")
_HALF_SPACES = re.compile(f"{HALF_SPACE}+")
_STRAY = re.compile(
    rf"(?<=[\w ]){HALF_SPACE}(?!\w)|(?<!\w){HALF_SPACE}(?=[\w ])",
)
_MAYBE_STRAY = re.compile(rf"{HALF_SPACE}(?:(?!\w)|(?<!\w{HALF_SPACE}))")


def pair_quotes(text: str) -> str:
    """Replace pairs of quotation marks by « and »."""
    if "“" in text or "”" in text:
        text = text.replace("“", '"').replace("”", '"')
    if '"' in text:
        text = _QUOTES[0].sub(_QUOTES[1], text)
    return text


def normalise_letters(text: str) -> tuple[str, bool]:
    """Normalise characters and half-spaces, as hazm does before it splits words.

    Also return whether characters for `replace_ligatures` remain.
    """
    if "ي" in text:  # the most frequent by far: in half of Persian texts
        text = text.replace("ي", "ی")
    if "." in text:
        if _MAYBE_POINT.search(text) is not None:
            text = _POINT[0].sub(_POINT[1], text)
        if "..." in text:
            text = _DOTS[0].sub(_DOTS[1], text)
    odd: set[str] = set()
    if _ODD.search(text) is not None:
        odd.update(_ODD.findall(text))
        for char in odd & _REPLACED.keys():
            text = text.replace(char, _REPLACED[char])
    if text.endswith("\n"):  # hazm's ` +$` matches before a last line break, too
        text = text[:-1].rstrip(" ")
    text = text.strip(" ")
    if HALF_SPACE in text and _MAYBE_STRAY.search(text) is not None:
        text = _STRAY.sub("", _HALF_SPACES.sub(HALF_SPACE, text))
    if odd:
        for char in odd & _DROPPED:
            text = text.replace(char, "")
    if "  " in text:
        text = _SPACES.sub(" ", text)
    return text, not odd.isdisjoint(_LATE)


def replace_ligatures(text: str) -> str:
    """Replace ligatures and drop marks, which hazm does after the spacing of words."""
    for old, new in _HAZM.UNICODE_REPLACEMENTS:
        text = text.replace(old, new)
    return _SPECIAL.sub("", text)


def to_persian_digits(number: str) -> str:
    """Return a number with Persian digits, percent sign and decimal separator (٫)."""
    for char in set(number) & _DIGITS.keys():
        number = number.replace(char, _DIGITS[char])
    if number.count(".") == 1 and not {"/", ":"} & set(number):
        number = number.replace(".", "٫")
    return number
