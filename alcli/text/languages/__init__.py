"""Text to tokens. The only door to hazm; importing it loads neither hazm nor NumPy.

    tokens = normaliser("fa")        # loads hazm: seconds
    tokens("غذا عالی بود :)")        # ['غذا', 'عالی', 'بود', ':)']

A language is one file with a function `build(*, informal, lemmatize)` that returns a
`Language`, and its line in `LANGUAGES`. Emoji, emoticons, addresses and numbers stay in
one piece in all of them (`alcli.text.protect` says what counts).

Tokens are never empty and hold no U+0020, so `" ".join(tokens)` may be split again at
U+0020. They may hold other white space (U+0085, U+2028) that was in the text: use
`split(" ")`, not `split()` or `splitlines()`.
"""

import re
from collections.abc import Callable, Collection
from importlib import import_module
from typing import Protocol

from alcli.core.errors import UnknownName

LANGUAGES = {"fa": "alcli.text.languages.fa", "any": "alcli.text.languages.any"}
DROPPABLE_KINDS = ("numbers", "punctuation")


class Language(Protocol):
    """Normalisation of the text between protected spans, for one language."""

    split_letters: bool  # digits are numbers even where they touch letters

    def prepare(self, text: str) -> str:
        """Do what needs the whole text, before anything is looked for."""

    def words(self, text: str, *, cut: bool = False) -> list[str]:
        """Return the tokens of a prepared text, or of a part of it (`cut`)."""

    def number(self, number: str) -> str:
        """Return a number in the digits of the language."""


def normaliser(
    language: str,
    *,
    informal: bool = False,
    lemmatize: bool = False,
    drop: Collection[str] = frozenset(),
) -> Callable[[str], list[str]]:
    """Return the function text -> tokens.

    `language`: "fa" (hazm) or "any" (Unicode).
    `informal`: spoken Persian in its written form (نمیدونم: نمی‌دانم).
    `lemmatize`: Persian words as their lemmas (کتاب‌ها: کتاب).
    `drop`: leave out "numbers", "punctuation" (what holds no letter and no digit; but
    never an emoji or emoticon), or both.

    The function keeps what it learned about words, in bounded memory, and takes time
    linear in the length of a text. Use one for each thread.

    Raises:
        UnknownName: no such language, or kind of token to drop.
        UsageError: the language lacks the option.
    """
    from alcli.text.protect import span_finder  # compiles its patterns

    if language not in LANGUAGES:
        raise UnknownName("language", language, LANGUAGES)
    for name in drop:
        if name not in DROPPABLE_KINDS:
            raise UnknownName("kind of token", name, DROPPABLE_KINDS)
    build = import_module(LANGUAGES[language]).build
    plugin: Language = build(informal=informal, lemmatize=lemmatize)
    find = span_finder(split_letters=plugin.split_letters)
    prepare, number = plugin.prepare, plugin.number
    words = (
        _without_punctuation(plugin.words) if "punctuation" in drop else plugin.words
    )
    keep_numbers = "numbers" not in drop

    def normalise(text: str) -> list[str]:
        text = prepare(text)
        items = find(text)
        if not items:
            return words(text)
        tokens: list[str] = []
        at = 0
        for start, end, kind in items:
            if at < start:
                tokens += words(text[at:start], cut=True)
            if kind != "number":
                tokens.append(text[start:end])
            elif keep_numbers:
                tokens.append(number(text[start:end]))
            at = end
        return tokens + words(text[at:], cut=True)

    return normalise


def _without_punctuation(words: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Leave out tokens that hold no letter and no digit."""
    letter_or_digit = re.compile(r"[^\W_]").search

    def spoken(text: str, *, cut: bool = False) -> list[str]:
        return [t for t in words(text, cut=cut) if letter_or_digit(t) is not None]

    return spoken
