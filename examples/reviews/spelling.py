"""Spelling of a comment: habits of its writer, and occasional slips."""

import re
from random import Random

from examples.reviews.grammar import chance, draw, load, pick, pick_early

HALF_SPACE = "\u200c"

FORMAL = 0.18  # share of writers who avoid colloquial forms
SLIPS = 0.14  # who misspell or use chat spelling
ARABIC = 0.15  # whose keyboard has Arabic ي and ك
LATIN_DIGITS = 0.3
STRETCHED = 0.08  # who stretch a letter: خیلییییی
EMOJI = 0.14  # who add an emoji or an emoticon
ODD_EMOJI = 0.25  # share of those that are drawn from any class
HALF_SPACES = {"kept": 35, "joined": 40, "spaced": 25}

_SPELLING = load("spelling")
_WORD = re.compile(r"[\w_]+")


def spell(text: str, label: str, rng: Random) -> str:
    """Spell a composed comment the way one writer would."""
    if chance(FORMAL, rng):
        text = _replace(text, _SPELLING["formal"], 0.85, rng)
    if chance(SLIPS, rng):
        text = _replace(text, _SPELLING["slips"], 0.6, rng)
    if chance(STRETCHED, rng):
        text = _stretch(text, rng)
    text = _half_spaces(text, draw(HALF_SPACES, rng))
    if chance(ARABIC, rng):
        text = text.translate(str.maketrans("یک", "يك"))
    if chance(LATIN_DIGITS, rng):
        text = text.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))
    if chance(EMOJI, rng):
        emoji = _SPELLING["emoji"]
        mood = pick(sorted(emoji), rng) if chance(ODD_EMOJI, rng) else label
        sign = pick_early(emoji[mood], rng)
        text += " " + sign * (1 if sign.isascii() else pick((1, 1, 1, 3), rng))
    return text


def _replace(text: str, forms: dict[str, str], share: float, rng: Random) -> str:
    def other(match: re.Match[str]) -> str:
        word = match[0]
        return forms[word] if word in forms and chance(share, rng) else word

    return _WORD.sub(other, text)


def _stretch(text: str, rng: Random) -> str:
    """Repeat the last long vowel of one word, or its last letter if it has none."""
    words = set(_SPELLING["stretch"]["words"])
    found = [match for match in _WORD.finditer(text) if match[0] in words]
    if not found:
        return text
    match = pick(found, rng)
    at = max(match[0].rfind(vowel) for vowel in "اوی")
    at = match.start() + (at if at >= 0 else len(match[0]) - 1)
    return text[:at] + text[at] * (3 + int(rng.random() * 5)) + text[at + 1 :]


def _half_spaces(text: str, habit: str) -> str:
    """Keep ``_`` as half-spaces, leave them out (میشه), or put spaces (می شه)."""
    if habit == "kept":
        return text.replace("_", HALF_SPACE)
    if habit == "joined":
        text = re.sub(r"\b(ن?می)_|(?<!ه)_(?=ها|تر)", r"\1", text)
    return text.replace("_", " ")
